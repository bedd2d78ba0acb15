export { expectNoSecrets, expectNoSecretsUnder } from './expect-no-secrets';
export { keysAndValues } from './keys-and-values';
export { plantedSecret } from './planted-secret';
export { knowSecret, secretsIn } from './secrets-in';
