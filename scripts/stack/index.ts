export type { MemberChange, MemberState, MemberStatus, Role } from './member.ts';
export { mcpSettings } from './mcp-settings.ts';
export { createCluster, POSTGRES_DATABASE, POSTGRES_ROLE, startPostgres } from './postgres.ts';
export { postgresUser } from './postgres-user.ts';
export { findPostgresBin, findServerPrograms, type ServerPrograms } from './server-programs.ts';
export type { Stack } from './stack.ts';
export { startStack } from './start-stack.ts';
export type { StackOptions } from './stack-options.ts';
export { startTemporaryStack, type TemporaryStack } from './temporary-stack.ts';
