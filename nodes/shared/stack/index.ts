export { asNodeError } from './as-node-error';
export { closeStacks, openStack } from './open-stack';
export { parameterFor } from './parameter-for';
export { settingsOfProcess } from './settings-of-process';
export type { Stack } from './stack';
export { stackOptions, type StackOptions } from './stack-options';
export { stackCredentials, stackProperties, webhookProperties } from './stack-properties';
export { noteAudit } from './workflow-audit';
