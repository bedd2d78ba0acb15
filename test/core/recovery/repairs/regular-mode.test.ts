import type { ExecutionProgress, ExecutionRow } from '../../../../core/ports/stack';
import { ExecutionLedger, planRepairs, RECOVERY_DEFAULTS } from '../../../../core/recovery';
import type { StackSources } from '../../../../core/stack';
import { FakeClock } from '../../../support/fake-clock';
import { MemoryRecoveryRecords } from '../../../support/memory-recovery-records';

const BEGAN_AGAIN_AT = 50_000;
const MARKED = 'Workflow did not finish, possible out-of-memory issue';

interface World {
	readonly row?: Partial<ExecutionRow>;
	readonly progress?: Partial<ExecutionProgress>;
	/** Of the execution, by somebody. */
	readonly retries?: ReadonlyArray<Pick<ExecutionRow, 'id' | 'retryOf' | 'status'>>;
	readonly hasKey?: boolean;
	/** What its workflow says of those that succeed. */
	readonly saveDataSuccessExecution?: string;
	/** What n8n does by default; undefined where nobody knows. */
	readonly keepsSuccesses?: boolean;
	readonly unseenRetries?: 'are none';
	readonly isRegular?: boolean;
	/** Whether several processes may use the database. */
	readonly isShared?: boolean;
	/** Whether what is read is a replica of n8n's database. */
	readonly isReplica?: boolean;
	/** When it is looked at, after the clock's beginning. */
	readonly laterMs?: number;
	/** Of the process; undefined where it measures nothing. */
	readonly startedAt?: number;
}

/** As n8n leaves an execution behind that ran when its process was killed, once it has begun again. */
async function planFor(world: World) {
	const { isRegular = true } = world;
	const startedAt = 'startedAt' in world ? world.startedAt : BEGAN_AGAIN_AT;
	const row: ExecutionRow = {
		...{ id: '1', workflowId: 'w', status: 'crashed', mode: 'webhook' },
		...{ createdAt: 10_000, startedAt: 10_000, stoppedAt: 11_000, ...world.row },
	};
	const progress: ExecutionProgress = {
		...{ executionId: '1', isSaved: true, lastNode: 'Slow', isComplete: false, hasInput: true },
		goesOnWith: ['Webhook'],
		...{ hasError: true, failedBecause: MARKED, ...world.progress },
	};
	const rows = (isWanted: boolean) =>
		Promise.resolve({ rows: isWanted ? [row] : [], next: undefined });
	const workflow = {
		id: 'w',
		name: 'w',
		tags: [RECOVERY_DEFAULTS.runAgainTag],
		settings: { saveDataSuccessExecution: world.saveDataSuccessExecution },
		nodes: [],
	};
	const main = { url: '', type: 'main', isReady: true, hasMetrics: true, startedAt };
	const clock = new FakeClock();
	clock.advance(world.laterMs ?? 100_000);
	const sources = {
		isRegular,
		processes: { processes: () => Promise.resolve([main]) },
		api: { hasKey: world.hasKey ?? true },
		database: {
			isShared: world.isShared,
			server: { statistics: () => Promise.resolve({ isReplica: world.isReplica }) },
			executions: {
				withStatus: (wanted: string[]) => rows(wanted.includes(row.status)),
				endedSince: (_since: number, wanted: string[]) => rows(wanted.includes(row.status)),
				find: () => Promise.resolve([row]),
				executedWorkflows: () => [],
				newestId: () => Promise.resolve('9'),
				retriesOf: () => Promise.resolve(world.retries ?? []),
				progressOf: () => Promise.resolve({ known: new Map([['1', progress]]), unread: new Map() }),
			},
			workflows: { find: () => Promise.resolve([workflow]) },
		},
	} as unknown as StackSources;
	const keepsSuccesses = 'keepsSuccesses' in world ? world.keepsSuccesses : true;
	const settings = { ...RECOVERY_DEFAULTS, keepsSuccesses };
	const scan = new ExecutionLedger(sources, clock, settings).scan();
	await clock.run(settings.confirmAfterMs);
	const { lost } = await scan;
	const { unseenRetries } = world;
	const choices = { silentWorkers: 'may live', unsafe: 'leave', unseenRetries } as const;
	const parts = { sources, clock, settings, records: new MemoryRecoveryRecords() };
	const [planned] = await planRepairs(parts, lost, choices);
	return planned && { ...planned.lost, ...planned.repair };
}

it('what n8n has marked as crashed when it began again is retried', async () => {
	const planned = await planFor({});
	expect(planned).toMatchObject({
		...{ loss: 'died with its worker', isSurelyDead: true, action: 'retry' },
		evidence: [{ source: 'database' }, { source: 'saved data' }, { source: 'n8n metrics' }],
	});
	// It died between two nodes, so that n8n has found none to blame.
	const between = await planFor({ progress: { hasError: false, failedBecause: undefined } });
	expect(between).toMatchObject({ action: 'retry' });
});

it('it is left where n8n has given us no key', async () => {
	expect(await planFor({ hasKey: false })).toMatchObject({
		...{ isSurelyDead: true, action: 'leave' },
		reason: expect.stringContaining('API key is not configured'),
	});
});

it('it is left where a replica is read, which may not show yet that somebody has retried it', async () => {
	expect(await planFor({ isReplica: true })).toMatchObject({
		...{ isSurelyDead: true, action: 'leave' },
		reason: expect.stringContaining('replica'),
	});
});

it.each<[string, World]>([
	['n8n does not say when it began', { startedAt: undefined }],
	['it began after the process that lives', { row: { startedAt: BEGAN_AGAIN_AT } }],
	['a process of `n8n execute` may run it', { row: { mode: 'cli' } }],
	['nothing says that there are no workers', { isRegular: false }],
])('it is left where %s', async (_case, world) => {
	expect(await planFor(world)).toMatchObject({ isSurelyDead: false, action: 'leave' });
});

it('what the process before may still run, as in a rolling update, is left until that has surely ended', async () => {
	const { overlapMs } = RECOVERY_DEFAULTS;
	const startedAt = new FakeClock().now();
	for (const row of [{}, { status: 'running', stoppedAt: undefined }] as const) {
		const early = { row, startedAt, isShared: true, laterMs: overlapMs - 10_000 };
		expect(await planFor(early)).toMatchObject({
			...{ loss: 'died with its worker', isSurelyDead: false, action: 'leave' },
			reason: expect.stringContaining('rolling update'),
		});
		for (const world of [
			{ ...early, laterMs: overlapMs },
			{ ...early, isShared: false },
		])
			expect(await planFor(world)).toMatchObject({ isSurelyDead: true, action: 'retry' });
	}
});

it('what somebody tries again, or has tried, is named and left to him', async () => {
	for (const status of ['running', 'error'] as const) {
		const planned = await planFor({ retries: [{ id: '5', retryOf: '1', status }] });
		expect(planned).toMatchObject({
			...{ loss: 'died with its worker', action: 'leave' },
			reason: expect.stringContaining(`execution 5 tries it again, and is ${status}`),
		});
	}
});

it.each<[string, World, string]>([
	['does not keep them', { keepsSuccesses: false }, 'leave'],
	['is not known not to keep them', { keepsSuccesses: undefined }, 'retry'],
	['keeps none of its workflow', { saveDataSuccessExecution: 'none' }, 'leave'],
	[
		'keeps those of its workflow',
		{ keepsSuccesses: false, saveDataSuccessExecution: 'all' },
		'retry',
	],
	[
		'keeps none, and nobody has retried it',
		{ keepsSuccesses: false, unseenRetries: 'are none' },
		'retry',
	],
])('somebody may have retried it with success where n8n %s', async (_case, world, action) => {
	const planned = await planFor(world);
	expect(planned).toMatchObject({ loss: 'died with its worker', action });
	if (action === 'leave') expect(planned!.reason).toContain('unseenRetries "are none"');
});

it('what ran within another execution is left to that one', async () => {
	const planned = await planFor({ row: { mode: 'integrated' } });
	expect(planned).toMatchObject({
		...{ loss: 'died with its worker', action: 'leave' },
		reason: 'another execution has begun it, and its saved data does not say which',
	});
});

it.each<[string, World]>([
	['failed by itself', { progress: { failedBecause: 'connect ECONNREFUSED' } }],
	['has nothing left to go on with', { progress: { hasInput: false } }],
	['was retried with success by somebody', { row: { retrySuccessId: '2' } }],
	[
		'goes on after a wait, during which n8n was started again,',
		{ row: { status: 'running', stoppedAt: 10_500 } },
	],
])('an execution that %s is not lost', async (_case, world) => {
	expect(await planFor(world)).toBeUndefined();
});
