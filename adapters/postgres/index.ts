export { PostgresPool } from './postgres-pool';
export type { PostgresSettings, PostgresTls } from './postgres-settings';
