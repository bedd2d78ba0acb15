import { StackMonitor } from '../../../../core/health';
import type { PoolCounts, ProcessMetrics } from '../../../../core/ports/stack';
import { SourceUnavailableError, type StackSources } from '../../../../core/stack';
import { FakeClock } from '../../../support/fake-clock';

const SECOND_MS = 1_000;

/** A stack without workers, whose figures a test sets. */
class QuietStack {
	readonly clock = new FakeClock();
	/** How often each source was asked. */
	readonly asked: Record<string, number> = {};
	added = 0;
	isQueueDown = false;
	process: Partial<ProcessMetrics> = { cpuSeconds: 0, startedAt: 1 };

	private ask<T>(what: string, value: T): Promise<T> {
		this.asked[what] = (this.asked[what] ?? 0) + 1;
		return Promise.resolve(value);
	}

	readonly monitor = new StackMonitor(
		{
			queueMode: {
				registry: { instances: () => this.ask('registry', []) },
				workers: { askStatus: () => this.ask('workers', []) },
				redis: { clients: () => this.ask('clients', []), info: () => this.ask('info', []) },
				owners: { ownersOf: () => Promise.resolve([]) },
				queue: {
					jobs: () => this.ask('jobs', { jobs: [], isWhole: true }),
					counts: () =>
						this.isQueueDown
							? Promise.reject(new SourceUnavailableError('queue', 'It is gone', 'Start it'))
							: this.ask('counts', [this.counts()]),
				},
			},
			database: {
				executions: {
					unfinishedCounts: () => this.ask('unfinished', { new: 0, running: 0, waiting: 0 }),
					rates: () =>
						this.ask('rates', {
							...{ windowMs: 10 * SECOND_MS, created: 10, finished: 10, failed: 0, crashed: 0 },
						}),
				},
				server: { statistics: () => this.ask('statistics', {}) },
			},
			processes: {
				processes: () =>
					this.ask('processes', [
						{ url: 'main', type: 'main', isReady: true, hasMetrics: true, ...this.process },
					]),
			},
		} as unknown as StackSources,
		this.clock,
	);

	private counts(): PoolCounts {
		return {
			...{ pool: '', waiting: 5, active: 0, delayed: 0, failed: 0, completed: 0 },
			...{ isPaused: false, added: this.added },
		};
	}
}

it('asks once for all who ask within a second, and seldom what changes slowly', async () => {
	const { monitor, clock, asked } = new QuietStack();
	expect(monitor.latest).toBeUndefined();
	const [first, other] = await Promise.all([monitor.observe(), monitor.observe()]);
	expect(other).toBe(first);
	clock.advance(SECOND_MS - 1);
	expect(await monitor.observe()).toBe(first);
	clock.advance(1);
	const second = await monitor.observe();
	expect(second).not.toBe(first);
	expect(monitor.latest).toBe(second);
	expect(asked).toMatchObject({ counts: 2, workers: 2, rates: 1, info: 1, statistics: 1 });
	clock.advance(10 * SECOND_MS);
	await monitor.observe();
	expect(asked).toMatchObject({ counts: 3, rates: 2, info: 2, statistics: 2 });
});

it('tells by two looks what arrives, and how busy a process is', async () => {
	const stack = new QuietStack();
	const { monitor, clock } = stack;
	const first = await monitor.observe();
	expect(first.loads).toEqual([]);
	// One look tells only what the database counts.
	expect(first.queues).toMatchObject([{ arrivals: 1, measured: { by: 'database' } }]);
	clock.advance(10 * SECOND_MS);
	[stack.added, stack.process] = [30, { cpuSeconds: 5, startedAt: 1 }];
	const { queues, loads } = await monitor.observe();
	expect(queues).toMatchObject([{ arrivals: 3, drain: 3, measured: { by: 'queue' } }]);
	expect(loads).toEqual([{ url: 'main', type: 'main', cpu: 0.5 }]);
	// One that was started anew counts from 0 again.
	clock.advance(10 * SECOND_MS);
	stack.process = { cpuSeconds: 1, startedAt: 2 };
	expect((await monitor.observe()).loads).toEqual([]);
});

it('says of a source that fails that nothing is known of it, and goes on with the others', async () => {
	const stack = new QuietStack();
	stack.isQueueDown = true;
	const { look, queues } = await stack.monitor.observe();
	expect(look.counts).toEqual({
		...{ isKnown: false, source: 'queue', why: 'It is gone', remedy: 'Start it' },
	});
	expect(queues).toEqual([]);
	expect(look.unfinished).toMatchObject({ isKnown: true });
	stack.clock.advance(SECOND_MS);
	stack.isQueueDown = false;
	expect((await stack.monitor.observe()).queues).toHaveLength(1);
});
