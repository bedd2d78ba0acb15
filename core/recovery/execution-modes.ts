/** Mode of executions that a step of another one has begun, such as Execute Sub-workflow. */
export const SUB_EXECUTION = 'integrated';

/** Modes of executions that run within the process that began them, most of them without a job. */
export const WITHOUT_JOB: ReadonlySet<string> = new Set([
	'cli',
	SUB_EXECUTION,
	'manual',
	'evaluation',
	'internal',
]);
