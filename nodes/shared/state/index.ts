export { stateMethods } from './credential-test';
export { closeServices, openServices } from './open-services';
export { stateCredentials, stateProperties } from './state-properties';
