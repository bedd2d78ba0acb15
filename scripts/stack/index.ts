export type { MemberChange, MemberState, MemberStatus, Role } from './member.ts';
export { findPostgresBin, findServerPrograms, type ServerPrograms } from './server-programs.ts';
export { deletePostgresFolder } from './postgres-folder.ts';
export { STACK_FOLDER } from './stack-folder.ts';
export type { Stack } from './stack.ts';
export { type StackOptions, startStack } from './start-stack.ts';
