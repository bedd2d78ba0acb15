import type { Clock } from '../../ports';
import type { ExecutionRow, ExecutionView, ProcessMetricsView } from '../../ports/stack';
import { readFrom, valueOf, type Reading, type StackSources } from '../../stack';
import { gapOf, type Gap } from './gap';
import type { Around } from './look';
import { clockGaps, n8nTime } from './n8n-time';
import type { RecoverySettings } from '../recovery-settings';

/** Modes of executions of which n8n 2.41 runs so many at once; others wait for no slot. */
const LIMITED: ReadonlySet<string> = new Set(['webhook', 'trigger', 'chat']);

/** Rows that are read at most, to see whether all slots are taken. */
const MOST_RUNNING = 1_000;

type ProcessesSeen = Awaited<ReturnType<ProcessMetricsView['processes']>>;

/** Where n8n's one process is all there is. */
export async function lookInRegularMode(
	rows: readonly ExecutionRow[],
	sources: StackSources,
	{ productionLimit, overlapMs }: Pick<RecoverySettings, 'productionLimit' | 'overlapMs'>,
	clock: Clock,
	asked: Promise<Reading<ProcessesSeen>>,
): Promise<Around> {
	const { isRegular = false } = sources;
	const metrics = await asked;
	const measured = valueOf(metrics);
	const main = measured?.find((one) => one.type === 'main' && 'startedAt' in one);
	const processStartedAt = main && 'startedAt' in main ? main.startedAt : undefined;
	const gaps: Gap[] = [];
	if (processStartedAt === undefined)
		gaps.push({
			source: 'n8n metrics',
			why: metrics.isKnown ? 'n8n does not say when it began' : metrics.why,
			cannotKnow: 'which running executions n8n has lost by starting again (N8N_METRICS=true)',
		});
	if (!isRegular)
		gaps.push({
			source: 'queue',
			why: 'no Redis is configured, and nothing says that n8n runs in regular mode',
			cannotKnow:
				'whether workers run what seems lost: set "redis", or "n8n.executionsMode": "regular"',
		});
	const clocks = await n8nTime({ processes: measured }, sources);
	gaps.push(...clockGaps(clocks));
	const waits = rows.some(({ status }) => status === 'waiting');
	const full =
		waits && productionLimit !== undefined
			? await readFrom('database', sources.database?.executions, (view) =>
					isFull(view, productionLimit),
				)
			: undefined;
	if (full && !full.isKnown) gaps.push(gapOf(full, WAITS_FOR_A_SLOT));
	if (full && valueOf(full) === true)
		gaps.push({
			source: 'n8n settings',
			why: `as many executions run as N8N_CONCURRENCY_PRODUCTION_LIMIT allows (${productionLimit}), or too many to count`,
			cannotKnow: WAITS_FOR_A_SLOT,
		});
	const at = clock.now();
	const isShared = sources.database?.isShared ?? false;
	const runsForMs = at + clocks.main.least - (processStartedAt ?? 0);
	return {
		look: {
			mode: 'regular',
			isSure: isRegular,
			mayOverlap: isShared && runsForMs < overlapMs,
			isFull: full !== undefined && valueOf(full) !== false,
			...{ at, clocks, processStartedAt },
		},
		jobs: new Map(),
		gaps,
	};
}

const WAITS_FOR_A_SLOT = 'whether what waits past its time is lost, or waits for its turn';

/** n8n leaves what waits as it is until there is room for it. */
async function isFull(view: ExecutionView, limit: number): Promise<boolean> {
	const { rows, next } = await view.withStatus(['running'], MOST_RUNNING);
	return next !== undefined || rows.filter(({ mode }) => LIMITED.has(mode)).length >= limit;
}
