import { MemoryIdempotencyStore } from '../../../adapters/memory';
import { StoreError } from '../../../core/errors';
import type {
	BeginRequest,
	RemoteIdempotencyStore,
	ResultApart,
	Run,
	RunAnswer,
	RunEnd,
} from '../../../core/ports';
import {
	OutageTolerantIdempotencyStore,
	StoreHealth,
	type StoreEvent,
	type WhenStoreIsDown,
} from '../../../core/store-outage';
import { FakeClock } from '../../support/fake-clock';

const PONG = 'PONG';
const MEGABYTE = 1024 * 1024;
const LARGE: RunEnd = { state: 'done', resultJson: JSON.stringify('x'.repeat(4 * MEGABYTE)) };
const DONE: RunEnd = { state: 'done', resultJson: '"far"' };

/** A store in this process behind a link that can be cut, or lose what comes back. */
class FarStore {
	link: 'up' | 'refused' | 'silent' | 'mute' | 'invalid' = 'up';
	/** How long an answer takes. */
	delayMs = 0;
	asked = 0;
	/** How often it was told how work ended. */
	ended = 0;
	/** What becomes of large results. */
	whenFetched: 'slow' | 'never' | 'gone' = 'slow';
	private large: RunAnswer | undefined;

	constructor(
		readonly inside: MemoryIdempotencyStore,
		private readonly clock: FakeClock,
	) {}

	async ask<T>(request: () => T): Promise<T> {
		this.asked++;
		if (this.link === 'refused') throw new Error('ECONNREFUSED');
		if (this.link === 'silent') return await new Promise<T>(() => undefined);
		const answer = request();
		if (this.link === 'invalid' && answer !== PONG)
			throw new StoreError('STORE_STATE_INVALID', 'The wrong kind of value', 'Delete it');
		const delayMs = this.link === 'mute' ? 5_000 : this.delayMs;
		if (delayMs > 0) await new Promise<void>((resolve) => this.clock.schedule(resolve, delayMs));
		return answer;
	}

	private inParts(request: BeginRequest): RunAnswer | ResultApart {
		const answer = this.inside.begin(request);
		if (answer.status !== 'ended' || answer.end !== LARGE) return answer;
		this.large = answer;
		const { name, key } = request;
		return { status: 'apart', name, key, token: 0, bytes: 4 * MEGABYTE, ageMs: answer.ageMs };
	}

	get store(): RemoteIdempotencyStore {
		const { inside } = this;
		return {
			begin: (request) => this.ask(() => inside.begin(request)),
			ask: (request) => this.ask(() => this.inParts(request)),
			fetch: async (result) => {
				if (this.whenFetched === 'never') return await new Promise(() => undefined);
				if (this.whenFetched === 'gone') return void inside.forget(result);
				await new Promise<void>((resolve) => this.clock.schedule(resolve, 300));
				return this.large;
			},
			extend: (run, leaseMs) => this.ask(() => inside.extend(run, leaseMs)),
			end: (run, end) =>
				this.ask(() => {
					this.ended++;
					return inside.end(run, end);
				}),
			awaitEnd: (request, maxMs) => inside.awaitEnd(request, maxMs),
			withdraw: (request) => inside.withdraw(request),
			inspect: (address) => this.ask(() => inside.inspect(address)),
			forget: (address) => this.ask(() => inside.forget(address)),
		};
	}
}

/** The answer, and how long it took. */
async function timed<T>(clock: FakeClock, answer: Promise<T>) {
	const startedAt = clock.now();
	let took: number | undefined;
	void answer.finally(() => (took = clock.now() - startedAt));
	for (let ms = 0; took === undefined && ms < 1_000; ms++) await clock.run(1);
	return { answer: await answer, took: took! };
}

function setUp(whenDown: WhenStoreIsDown) {
	const clock = new FakeClock();
	const far = new FarStore(new MemoryIdempotencyStore(clock), clock);
	const events: StoreEvent[] = [];
	const tell = (event: StoreEvent) => void events.push(event);
	const health = new StoreHealth(clock, () => far.ask(() => PONG), tell);
	const local = new MemoryIdempotencyStore(clock);
	const store = new OutageTolerantIdempotencyStore(far.store, local, health, clock, whenDown, tell);
	let id = 0;
	const request = (key = 'k'): BeginRequest => ({
		runId: `me:${id++}`,
		name: 'pay',
		key,
		whenRunning: 'wait',
		whenFailed: 'run-again',
		leaseMs: 60_000,
		resultTtlMs: 600_000,
	});
	const begin = (key?: string) => timed(clock, store.begin(request(key)));
	const stateOf = (key = 'k') => far.inside.inspect({ name: 'pay', key })?.state;
	return { clock, far, local, store, health, events, begin, stateOf };
}

const runOf = (answer: RunAnswer): Run => {
	if (answer.status !== 'started') throw new Error(`It was ${answer.status}`);
	return answer.run;
};

it('goes by the shared store while that answers', async () => {
	const { store, begin } = setUp('local');
	const run = runOf((await begin()).answer);
	expect(run.degraded).toBeUndefined();
	expect((await begin()).answer.status).toBe('running');
	expect(await store.end(run, DONE)).toBe('noted');
	expect((await begin()).answer).toMatchObject({ status: 'ended', end: DONE });
});

it.each(['refused', 'silent', 'mute'] as const)(
	'gives its verdict within 100 ms when the link is %s, and at once from then on',
	async (link) => {
		const { far, begin, events } = setUp('allow');
		far.link = link;
		const first = await begin();
		expect(runOf(first.answer).degraded).toBe('allow');
		expect(first.took).toBeLessThanOrEqual(100);
		const second = await begin();
		expect(runOf(second.answer).degraded).toBe('allow');
		expect(second.took).toBe(0);
		expect(events.filter(({ type }) => type === 'call-degraded')).toHaveLength(2);
	},
);

it('starts nothing where that is asked for', async () => {
	const { far, begin } = setUp('reject');
	far.link = 'refused';
	expect((await begin()).answer).toEqual({ status: 'unreachable' });
});

it('goes by the records of this process where that is asked for, from start to end', async () => {
	const { clock, far, store, begin, stateOf } = setUp('local');
	far.link = 'refused';
	const run = runOf((await begin()).answer);
	expect(run.degraded).toBe('local');
	expect((await begin()).answer.status).toBe('running');
	expect(await store.extend(run, 60_000)).toBe('held');
	expect(await store.end(run, DONE)).toBe('noted');
	expect((await begin()).answer).toMatchObject({ status: 'ended', end: DONE });
	far.link = 'up';
	await clock.run(1_000);
	expect(stateOf()).toBeUndefined();
	expect(runOf((await begin()).answer).degraded).toBeUndefined();
});

it('lets go at once of what an answer that came too late had started', async () => {
	const { far, begin, clock, stateOf } = setUp('reject');
	far.link = 'mute';
	await begin();
	far.link = 'up';
	expect(stateOf()).toBe('running');
	await clock.run(5_000);
	expect(stateOf()).toBe('lapsed');
});

it('notes how work ended while the store was down when it is back', async () => {
	const { far, begin, clock, store, stateOf } = setUp('local');
	const keys = Array.from({ length: 25 }, (_, index) => `${index}`);
	const runs = await Promise.all(keys.map(async (key) => runOf((await begin(key)).answer)));
	far.link = 'refused';
	for (const run of runs) expect(await store.end(run, DONE)).toBe('unknown');
	expect(new Set(keys.map(stateOf))).toEqual(new Set(['running']));
	far.link = 'up';
	await clock.run(1_000);
	expect(new Set(keys.map(stateOf))).toEqual(new Set(['done']));
});

it.each(['silent', 'mute'] as const)(
	'keeps no work waiting for its end to be noted when the link is %s, and notes it later',
	async (link) => {
		const { far, begin, clock, store, stateOf } = setUp('local');
		const run = runOf((await begin()).answer);
		far.link = link;
		const { answer, took } = await timed(clock, store.end(run, DONE));
		expect(answer).toBe('unknown');
		expect(took).toBeLessThanOrEqual(100);
		far.link = 'up';
		await clock.run(1_000);
		expect(stateOf()).toBe('done');
	},
);

it('notes how work ended while the store is slow, once, though it stays slow', async () => {
	const { far, begin, clock, store, stateOf, health } = setUp('reject');
	const runs = [runOf((await begin('1')).answer), runOf((await begin('2')).answer)];
	far.delayMs = 150;
	for (const run of runs) expect((await timed(clock, store.end(run, DONE))).answer).toBe('unknown');
	await clock.run(1_000);
	expect(health.condition).toBe('slow');
	expect([stateOf('1'), stateOf('2')]).toEqual(['done', 'done']);
	expect(far.ended).toBe(2);
});

it('gives an end with a large result the time that it takes on its way', async () => {
	const { far, begin, clock, store, events } = setUp('local');
	const run = runOf((await begin()).answer);
	far.delayMs = 300;
	expect(await timed(clock, store.end(run, LARGE))).toEqual({ answer: 'noted', took: 300 });
	expect(events).toEqual([]);
});

describe('a large result', () => {
	const setUpDone = async (whenFetched: FarStore['whenFetched']) => {
		const set = setUp('local');
		await set.store.end(runOf((await set.begin()).answer), LARGE);
		set.far.whenFetched = whenFetched;
		return set;
	};

	it('is waited for, as long as it may be on its way', async () => {
		const { begin, events } = await setUpDone('slow');
		const { answer, took } = await begin();
		expect(answer).toMatchObject({ status: 'ended', end: LARGE });
		expect(took).toBe(300);
		expect(events).toEqual([]);
	});

	it('lets nothing be done again when it does not come', async () => {
		const { begin, events } = await setUpDone('never');
		const { answer, took } = await begin();
		expect(answer).toEqual({ status: 'unreachable' });
		expect(took).toBeLessThan(1_000);
		expect(events).toMatchObject([{ type: 'store-slow' }, { type: 'store-back' }]);
	});

	it('is asked for anew when it is not kept any more', async () => {
		const { begin } = await setUpDone('gone');
		expect(runOf((await begin()).answer).degraded).toBeUndefined();
	});
});

it('does not tell again and again what the store will never take', async () => {
	const { far, begin, clock, store } = setUp('local');
	const run = runOf((await begin()).answer);
	far.link = 'refused';
	await store.end(run, DONE);
	far.link = 'invalid';
	const asked = far.asked;
	await clock.run(1_000);
	// The probe, and the end once.
	expect(far.asked - asked).toBe(2);
	expect(await store.end(run, DONE)).toBe('unknown');
	await clock.run(1_000);
	expect(far.asked - asked).toBe(3);
});

it('keeps no more ends than there is room for', async () => {
	const { far, begin, clock, store, stateOf } = setUp('local');
	const large: RunEnd = { state: 'done', resultJson: JSON.stringify('x'.repeat(20 * 1024 * 1024)) };
	const [first, second] = [runOf((await begin('1')).answer), runOf((await begin('2')).answer)];
	far.link = 'refused';
	await store.end(first, large);
	await store.end(second, large);
	far.link = 'up';
	await clock.run(1_000);
	expect([stateOf('1'), stateOf('2')]).toEqual(['done', 'running']);
	// What was paid makes room.
	far.link = 'refused';
	await store.end(second, large);
	far.link = 'up';
	await clock.run(2_000);
	expect(stateOf('2')).toBe('done');
});
