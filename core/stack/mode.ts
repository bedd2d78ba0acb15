import type { StackSources } from './sources';

/** The ways in which n8n runs executions: by a queue and workers, or in its main process. */
export const STACK_MODES = ['queue', 'regular'] as const;

export type StackMode = (typeof STACK_MODES)[number];

/** As far as sources tell: without the Redis of a queue n8n is taken to be in regular mode. */
export const modeOf = ({ queueMode }: StackSources): StackMode => (queueMode ? 'queue' : 'regular');
