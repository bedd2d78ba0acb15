export type * from './clock-offset';
export type * from './database-server';
export type * from './executions';
export type * from './instances';
export type * from './n8n-main';
export type * from './queue';
export type * from './redis-server';
export type * from './workflows';
