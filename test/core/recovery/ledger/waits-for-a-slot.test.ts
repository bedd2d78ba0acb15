import type { ExecutionRow } from '../../../../core/ports/stack';
import { ExecutionLedger, RECOVERY_DEFAULTS } from '../../../../core/recovery';
import type { StackSources } from '../../../../core/stack';
import { FakeClock } from '../../../support/fake-clock';

const NOW = new FakeClock().now();

const row = (id: string, status: ExecutionRow['status'], mode: string): ExecutionRow => ({
	...{ id, status, mode, workflowId: 'w', createdAt: NOW, startedAt: NOW },
	...(status === 'waiting' && { waitTill: NOW }),
});

/** What a scan of n8n in regular mode finds, where these run while one has waited for ten minutes too long. */
async function scanBeside(running: readonly ExecutionRow[], productionLimit: number | undefined) {
	const rows = [row('1', 'waiting', 'webhook'), ...running];
	const clock = new FakeClock();
	clock.advance(600_000);
	const main = { url: '', type: 'main', isReady: true, hasMetrics: true, startedAt: NOW - 1 };
	const sources = {
		isRegular: true,
		processes: { processes: () => Promise.resolve([main]) },
		database: {
			executions: {
				withStatus: (wanted: string[]) =>
					Promise.resolve({ rows: rows.filter(({ status }) => wanted.includes(status)) }),
				endedSince: () => Promise.resolve({ rows: [] }),
				find: (ids: string[]) => Promise.resolve(rows.filter(({ id }) => ids.includes(id))),
				newestId: () => Promise.resolve('9'),
				retriesOf: () => Promise.resolve([]),
				calledAfter: () => Promise.resolve([]),
				progressOf: () => Promise.resolve({ known: new Map(), unread: new Map() }),
			},
			workflows: { find: () => Promise.resolve([]) },
		},
	} as unknown as StackSources;
	const settings = { ...RECOVERY_DEFAULTS, productionLimit };
	const scan = new ExecutionLedger(sources, clock, settings).scan();
	await clock.run(settings.confirmAfterMs);
	return await scan;
}

const twoWebhooks = [row('2', 'running', 'webhook'), row('3', 'running', 'webhook')];

it('what waits past its time may wait for its turn while all slots are taken, and that is said', async () => {
	const { lost, unsure, gaps } = await scanBeside(twoWebhooks, 2);
	expect(lost).toEqual([]);
	expect(unsure).toEqual(['1']);
	expect(gaps).toMatchObject([
		{ source: 'n8n settings', why: expect.stringContaining('N8N_CONCURRENCY_PRODUCTION_LIMIT') },
	]);
});

it.each<[string, readonly ExecutionRow[], number | undefined]>([
	['there is a free slot', twoWebhooks, 3],
	[
		'those that run take no slot',
		[row('2', 'running', 'manual'), row('3', 'running', 'integrated')],
		2,
	],
	['n8n has no limit', twoWebhooks, undefined],
])('what waits past its time is lost where %s', async (_where, running, limit) => {
	const { lost, gaps } = await scanBeside(running, limit);
	expect(lost).toMatchObject([{ loss: 'waits past its time', row: { id: '1' } }]);
	expect(gaps).toEqual([]);
});
