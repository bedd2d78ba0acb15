import { BulwarkError } from '../../core/errors';
import type { StackSources } from '../../core/stack';
import type { Check } from './check';

/** There is none: n8n counts from 1. */
const NO_EXECUTION = '0';

/** Nor this: Bull counts its jobs, and ours are named by executions. */
const NO_JOB = { pool: '', id: 'bulwark-doctor' };

/** Nor this: Redis counts connections from 1, and never that far. */
const NO_CLIENT = `${Number.MAX_SAFE_INTEGER}`;

/** What a repair takes, tried on what is not there. */
interface Trial {
	readonly consequence: string;
	run(): Promise<unknown>;
}

/** Whether repairs may do what they do, without doing it. A server that is only to look need not. */
export function repairChecks(stack: StackSources): readonly Check[] {
	const consequence = 'Nothing that is lost can be brought back';
	const trials = trialsOf(stack);
	if (trials.length === 0) return [];
	return [
		{
			source: 'repairs',
			consequence,
			ask: async () => {
				const lacks = await Promise.all(trials.map(tryOut));
				const found = lacks.flatMap((lack) => lack ?? []);
				if (found.length === 0) return 'this server may do what they take';
				const told = (of: 'says' | 'consequence' | 'remedy') => [
					...new Set(found.map((lack) => lack[of])),
				];
				return {
					says: told('says').join('; '),
					consequence: told('consequence').join('; '),
					remedy: told('remedy').join('. '),
				};
			},
		},
	];
}

async function tryOut({ consequence, run }: Trial) {
	try {
		await run();
		return undefined;
	} catch (error) {
		if (!(error instanceof BulwarkError)) throw error;
		return { says: error.message, consequence, remedy: error.remedy };
	}
}

function trialsOf({ database, queueMode }: StackSources): readonly Trial[] {
	const trials: Trial[] = [];
	if (database) {
		const { executions } = database;
		trials.push(
			{
				consequence: 'What executions have saved cannot be read, so none of them is brought back',
				run: async () => await executions.progressOf([NO_EXECUTION]),
			},
			{
				consequence: 'Rows of executions cannot be changed, so none that had begun is brought back',
				run: async () => await executions.mark({ id: NO_EXECUTION, status: 'crashed' }, 'crashed'),
			},
		);
	}
	if (queueMode) {
		const { queue, redis } = queueMode;
		trials.push(
			{
				consequence: 'Jobs cannot be changed, so nothing is enqueued again',
				run: async () => await queue.removeUnheld(NO_JOB),
			},
			{
				consequence: 'Connections cannot be closed, so no worker is healed',
				run: async () => {
					const servers = await redis.info();
					return await redis.closeClients(servers.map(({ server }) => ({ id: NO_CLIENT, server })));
				},
			},
		);
	}
	return trials;
}
