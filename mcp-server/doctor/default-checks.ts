import type { FullConfig } from '../config/read-config';
import type { Check } from './check';

/** What was taken for n8n's because it lies where n8n has it by default. */
export function defaultChecks({ database, assumed }: FullConfig): readonly Check[] {
	if (!assumed.database || database?.type !== 'sqlite') return [];
	const consequence = 'Where another n8n is meant, all that is told of executions is of this one';
	return [
		{
			source: 'defaults',
			consequence,
			ask: async () =>
				await Promise.resolve({
					says: `nothing is said of n8n's database, so its default is taken, in regular mode: ${database.file}`,
					consequence,
					remedy: 'Run with the environment of n8n, or set "database"',
				}),
		},
	];
}
