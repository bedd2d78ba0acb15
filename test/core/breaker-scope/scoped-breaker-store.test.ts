import { definePolicy, guard } from '../../../core/policies/define';
import { breakerOf, permitOf, setUp, WAIT_MS } from './set-up';

const WORKERS = [0, 1, 2, 3];
const BAD = 0;

/** Which of four workers are turned away after ten calls each, when all calls of one of them fail. */
async function turnedAwayWithOneBad(scope: string): Promise<number[]> {
	const { call } = setUp(WORKERS.length);
	const byRate = { failureRateThreshold: 20, minimumNumberOfCalls: 8 };
	const breaker = breakerOf(scope, { ...byRate, consecutiveFailureThreshold: 0 });
	for (let round = 0; round < 10; round++)
		for (const worker of WORKERS)
			await call(worker, breaker, worker === BAD ? 'failure' : 'success');
	const turnedAway = [];
	for (const worker of WORKERS) {
		const { status } = await call(worker, breaker, 'ignored');
		if (status === 'rejected') turnedAway.push(worker);
	}
	return turnedAway;
}

describe('a worker whose calls all fail', () => {
	it('turns all others away where the breaker is shared', async () => {
		expect(await turnedAwayWithOneBad('shared')).toEqual(WORKERS);
	});

	it.each(['local', 'quorum'])('turns away nobody but itself by scope %s', async (scope) => {
		expect(await turnedAwayWithOneBad(scope)).toEqual([BAD]);
	});
});

describe('a breaker by quorum', () => {
	const breaker = breakerOf('quorum');

	async function openedBy(...bad: number[]) {
		const made = setUp(WORKERS.length);
		for (const worker of bad)
			for (let row = 0; row < 2; row++) await made.call(worker, breaker, 'failure');
		const turnedAway = async () => {
			const all = await Promise.all(
				WORKERS.map(async (worker) => (await made.call(worker, breaker, 'ignored')).status),
			);
			return WORKERS.filter((worker) => all[worker] === 'rejected');
		};
		return { ...made, turnedAway };
	}

	it('opens for all when it is open at enough workers', async () => {
		const { turnedAway } = await openedBy(0, 2);
		expect(await turnedAway()).toEqual(WORKERS);
	});

	it('has one vote of a worker, however often that starts anew', async () => {
		const { call, startAnew, turnedAway } = await openedBy(0);
		startAnew(0);
		for (let row = 0; row < 2; row++) await call(0, breaker, 'failure');
		expect(await turnedAway()).toEqual([0]);
	});

	it('turns away as what it is', async () => {
		const { call } = await openedBy(0, 2);
		const answer = await call(1, breaker, 'success');
		expect(answer).toMatchObject({ by: { policy: breaker }, retryAfterMs: 2 * WAIT_MS });
	});

	it('lets only probes of those who found it open through when the wait is over', async () => {
		const { clock, turnedAway } = await openedBy(0, 2);
		clock.advance(WAIT_MS);
		expect(await turnedAway()).toEqual([1, 3]);
	});

	it('closes for all when too few workers still have it open', async () => {
		const { clock, call, turnedAway } = await openedBy(0, 2);
		clock.advance(WAIT_MS);
		await call(0, breaker, 'success');
		expect(await turnedAway()).toEqual([]);
	});

	it('stays open for all when probes fail', async () => {
		const { clock, call, turnedAway } = await openedBy(0, 2);
		for (let wait = 0; wait < 5; wait++) {
			clock.advance(WAIT_MS);
			for (const worker of [0, 2]) await call(worker, breaker, 'failure');
			expect(await turnedAway()).toEqual(WORKERS);
		}
	});

	it('forgets the votes of workers that are gone', async () => {
		const { clock, turnedAway } = await openedBy(0, 2);
		clock.advance(2 * WAIT_MS);
		expect(await turnedAway()).toEqual([]);
	});

	it('asks the shared store once to admit, and only tells it what changes a vote', async () => {
		const { far, call } = setUp(2);
		await call(0, breaker, 'success');
		await call(0, breaker, 'failure');
		expect(far.asked).toBe(2);
		await call(0, breaker, 'failure');
		expect(far.asked).toBe(4);
		await call(0, breaker, 'success');
		expect(far.asked).toBe(4);
	});

	it('votes again when the vote got lost', async () => {
		const { far, workers, requestOf, call } = setUp(1);
		const alone = breakerOf('quorum', { quorum: 1 });
		const [worker] = workers as [(typeof workers)[0]];
		const running = permitOf(await worker.admit(requestOf(guard(alone))));
		await call(0, alone, 'failure');
		const last = permitOf(await worker.admit(requestOf(guard(alone))));
		far.goDown();
		await expect(worker.settle(last, { kind: 'failure', latencyMs: 0 })).rejects.toThrow();
		const before = far.asked;
		await expect(worker.settle(running, { kind: 'success', latencyMs: 0 })).rejects.toThrow();
		expect(far.asked).toBe(before + 1);
	});

	it('can be opened, isolated and closed by hand for all workers', async () => {
		const { clock, workers, turnedAway } = await openedBy();
		const [worker] = workers as [(typeof workers)[0]];
		await worker.override(breaker, '', 'open');
		expect(await turnedAway()).toEqual(WORKERS);
		clock.advance(WAIT_MS);
		expect(await turnedAway()).toEqual([]);
		await worker.override(breaker, '', 'isolate');
		clock.advance(100 * WAIT_MS);
		expect(await turnedAway()).toEqual(WORKERS);
		await worker.override(breaker, '', 'close');
		expect(await turnedAway()).toEqual([]);
	});

	it('shows the own breaker of the worker that is asked, and the votes', async () => {
		const { clock, workers } = await openedBy(0);
		const openedAt = clock.now();
		clock.advance(1);
		const address = { kind: 'circuit-breaker', name: 'api', key: '' } as const;
		const seen = await Promise.all([0, 1].map((worker) => workers[worker]!.inspect(address)));
		expect(seen).toMatchObject([
			{ state: 'open', figures: { votes: 1, quorum: 2, retryAfterMs: WAIT_MS - 1 } },
			{ state: 'closed', figures: { votes: 1, quorum: 2, retryAfterMs: 0 } },
		]);
		expect(seen.map((state) => state?.since)).toEqual([openedAt, undefined]);
		await workers[0]!.override(breaker, '', 'isolate');
		const isolated = (await workers[0]!.inspect(address))!;
		expect(isolated).toMatchObject({ state: 'isolated', since: clock.now() });
		expect(isolated.figures).not.toHaveProperty('retryAfterMs');
	});
});

describe('a call under breakers of its worker and shared policies', () => {
	const breaker = breakerOf('local');
	const bulkhead = definePolicy('bulkhead', 'slots', {
		maxConcurrentCalls: 1,
		maxWaitDurationMs: 5_000,
	});
	const limiter = definePolicy('rate-limiter', 'rate', { limit: 1, burst: 1, periodMs: 60_000 });

	it('takes no probe when a shared policy turns it away', async () => {
		const { clock, workers, requestOf, call } = setUp(1);
		const [worker] = workers as [(typeof workers)[0]];
		for (let row = 0; row < 2; row++) await call(0, breaker, 'failure');
		clock.advance(WAIT_MS);
		await worker.admit(requestOf(guard(limiter)));
		const refused = await worker.admit(requestOf(guard(limiter), guard(breaker)));
		expect(refused).toMatchObject({ status: 'rejected', by: { policy: limiter } });
		expect((await call(0, breaker, 'success')).status).toBe('granted');
	});

	it('takes nothing shared when the breaker turns it away', async () => {
		const { far, workers, requestOf, call } = setUp(1);
		const [worker] = workers as [(typeof workers)[0]];
		for (let row = 0; row < 2; row++) await call(0, breaker, 'failure');
		const refused = await worker.admit(requestOf(guard(limiter), guard(breaker)));
		expect(refused).toMatchObject({ status: 'rejected', by: { policy: breaker } });
		expect(far.asked).toBe(0);
	});

	it('takes no probe when the shared store fails', async () => {
		const { clock, far, workers, requestOf, call } = setUp(1);
		const [worker] = workers as [(typeof workers)[0]];
		for (let row = 0; row < 2; row++) await call(0, breaker, 'failure');
		clock.advance(WAIT_MS);
		far.goDown();
		await expect(worker.admit(requestOf(guard(bulkhead), guard(breaker)))).rejects.toThrow();
		expect((await call(0, breaker, 'success')).status).toBe('granted');
	});

	it('waits for a slot, holds it, renews it and gives it back', async () => {
		const { clock, far, workers, requestOf } = setUp(1);
		const [worker] = workers as [(typeof workers)[0]];
		const holders = () =>
			far.inside.inspect({ kind: 'bulkhead', name: 'slots', key: '' })?.figures.holders ?? 0;
		const [first, second] = [0, 1].map(() => requestOf(guard(breaker), guard(bulkhead)));
		const permit = permitOf(await worker.admit(first!));
		expect(permit.leased).toBe(true);
		expect(await worker.admit(second!)).toMatchObject({
			status: 'queued',
			by: { policy: bulkhead },
		});
		let called = false;
		void worker.awaitTurn(second!, 5_000).then(() => (called = true));
		await clock.run(1);
		expect(called).toBe(false);
		clock.advance(50_000);
		expect(await worker.extend(permit, 60_000)).toBe('held');
		clock.advance(50_000);
		expect(holders()).toBe(1);
		expect(await worker.settle(permit, { kind: 'success', latencyMs: 0 })).toBe('held');
		expect(await worker.settle(permit, { kind: 'success', latencyMs: 0 })).toBe('held');
		expect(holders()).toBe(0);
	});

	it('gives back all that a call took that was not made', async () => {
		const { clock, far, workers, requestOf, call } = setUp(1);
		const [worker] = workers as [(typeof workers)[0]];
		for (let row = 0; row < 2; row++) await call(0, breaker, 'failure');
		clock.advance(WAIT_MS);
		const permit = permitOf(await worker.admit(requestOf(guard(limiter), guard(breaker))));
		expect((await call(0, breaker, 'success')).status).toBe('rejected');
		for (let time = 0; time < 2; time++) await worker.refund(permit);
		expect(far.asked).toBe(2);
		expect(permitOf(await worker.admit(requestOf(guard(limiter), guard(breaker)))).leased).toBe(
			true,
		);
	});

	it('leaves the queue when the breaker opens meanwhile', async () => {
		const { far, workers, requestOf, call } = setUp(1);
		const [worker] = workers as [(typeof workers)[0]];
		await worker.admit(requestOf(guard(bulkhead)));
		const waiting = requestOf(guard(breaker), guard(bulkhead));
		expect((await worker.admit(waiting)).status).toBe('queued');
		for (let row = 0; row < 2; row++) await call(0, breaker, 'failure');
		expect((await worker.admit(waiting)).status).toBe('rejected');
		const seen = far.inside.inspect({ kind: 'bulkhead', name: 'slots', key: '' });
		expect(seen?.figures.queued).toBe(0);
	});

	it('needs no permit under a closed breaker of scope local alone', async () => {
		const { far, workers, call } = setUp(1);
		await call(0, breaker, 'success');
		expect(workers[0]!.passToken(guard(breaker))).toBeDefined();
		expect(workers[0]!.passToken(guard(breakerOf('quorum')))).toBeUndefined();
		expect(far.asked).toBe(0);
	});
});
