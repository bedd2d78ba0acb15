export { stateMethods } from './credential-test';
export { closeServices, openServices } from './open-services';
export { REDIS_CREDENTIALS } from './state-options';
export { stateCredentials } from './state-credentials';
