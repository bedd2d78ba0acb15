import type { WorkflowOutline, WorkflowView } from '../../ports/stack';
import { readFrom, type StackSources } from '../../stack';
import { MOST_WORKFLOWS, type LintReadings } from './lint-facts';
import type { N8nSettings } from './n8n-settings';

const HOUR_MS = 3_600_000;
/** The database goes through all of their nodes meanwhile. */
const PAGE = 100;

/** Asks all that rules look at, each source apart from the others. */
export async function readLintFacts(
	{ queueMode, database }: StackSources,
	settings: N8nSettings | undefined,
	signal?: AbortSignal,
): Promise<LintReadings> {
	const [redis, instances, pools, statistics, rates, unfinished, workflows] = await Promise.all([
		readFrom('redis', queueMode?.redis, async (redis) => await redis.info(), signal),
		readFrom(
			'instance registry',
			queueMode?.registry,
			async (registry) => await registry.instances(),
			signal,
		),
		readFrom('queue', queueMode?.queue, async (queue) => await queue.counts(), signal),
		readFrom('database', database?.server, async (server) => await server.statistics(), signal),
		readFrom('database', database?.executions, async (view) => await view.rates(HOUR_MS), signal),
		readFrom(
			'database',
			database?.executions,
			async (view) => {
				const { new: created, running } = await view.unfinishedCounts();
				return created + running;
			},
			signal,
		),
		readFrom('database', database?.workflows, activeWorkflows, signal),
	]);
	return {
		settings: settings
			? { isKnown: true, value: settings }
			: {
					isKnown: false,
					source: "n8n's settings",
					why: "this server's environment has none of n8n's settings",
					remedy: 'Start it with the same environment as n8n',
				},
		redis,
		instances,
		pools,
		database: statistics,
		rates,
		unfinished,
		workflows,
	};
}

async function activeWorkflows(view: WorkflowView): Promise<readonly WorkflowOutline[]> {
	const found: WorkflowOutline[] = [];
	let after: string | undefined;
	do {
		const page = await view.outlines(PAGE, after);
		found.push(...page);
		after = page.length === PAGE ? page.at(-1)!.id : undefined;
	} while (after !== undefined && found.length < MOST_WORKFLOWS);
	return found;
}
