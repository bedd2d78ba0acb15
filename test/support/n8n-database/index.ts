export { addExecution, addWorkflow } from './fill';
export type { N8nDatabase } from './n8n-database';
export { postgresN8n, type PostgresN8n } from './postgres-n8n';
export { type SqliteN8n, sqliteN8n, sqliteOf } from './sqlite-n8n';
export { startWriter, type Writer } from './writer';
