/** Mode of executions that a step of another one has begun, such as Execute Sub-workflow. */
export const SUB_EXECUTION = 'integrated';

/** Mode of what `n8n execute` runs, beside n8n's own processes and in none of their lists. */
export const BY_COMMAND = 'cli';

/** Modes of executions that run within the process that began them, most of them without a job. */
export const WITHOUT_JOB: ReadonlySet<string> = new Set([
	BY_COMMAND,
	SUB_EXECUTION,
	'manual',
	'evaluation',
	'internal',
]);
