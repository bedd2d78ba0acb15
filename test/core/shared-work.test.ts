import { CancelledError } from '../../core/errors';
import { SharedWork } from '../../core/shared-work';
import { FakeClock } from '../support/fake-clock';

const FRESH_MS = 1_000;

/** Work that a test ends itself. */
function workOf() {
	const clock = new FakeClock();
	const runs: Array<PromiseWithResolvers<string> & { signal: AbortSignal }> = [];
	const shared = new SharedWork(
		(signal) => {
			const run = { ...Promise.withResolvers<string>(), signal };
			runs.push(run);
			return run.promise;
		},
		FRESH_MS,
		clock,
	);
	return { clock, runs, shared };
}

it('is done once for all who ask meanwhile, or shortly after', async () => {
	const { clock, runs, shared } = workOf();
	const [one, other] = [shared.get(), shared.get()];
	runs[0]!.resolve('first');
	expect(await Promise.all([one, other])).toEqual(['first', 'first']);
	clock.advance(FRESH_MS - 1);
	expect(await shared.get()).toBe('first');
	clock.advance(1);
	const next = shared.get();
	runs[1]!.resolve('second');
	expect(await next).toBe('second');
	expect(runs).toHaveLength(2);
});

it('goes on for the others when one cancels, and is stopped when nobody waits', async () => {
	const { runs, shared } = workOf();
	const [one, other] = [new AbortController(), new AbortController()];
	const asked = [shared.get(one.signal), shared.get(other.signal)] as const;
	one.abort();
	await expect(asked[0]).rejects.toThrow(CancelledError);
	expect(runs[0]!.signal.aborted).toBe(false);
	other.abort();
	await expect(asked[1]).rejects.toThrow(CancelledError);
	expect(runs[0]!.signal.aborted).toBe(true);
	const next = shared.get();
	runs[1]!.resolve('anew');
	runs[0]!.resolve('given up');
	expect(await next).toBe('anew');
	expect(await shared.get()).toBe('anew');
});

it('fails for all who wait, and is tried again by who asks next', async () => {
	const { runs, shared } = workOf();
	const asked = [shared.get(), shared.get()];
	runs[0]!.reject(new Error('it is down'));
	for (const one of asked) await expect(one).rejects.toThrow('it is down');
	const next = shared.get();
	runs[1]!.resolve('up again');
	expect(await next).toBe('up again');
});

it('does nothing for who has cancelled already', async () => {
	const { runs, shared } = workOf();
	await expect(shared.get(AbortSignal.abort())).rejects.toThrow(CancelledError);
	expect(runs).toEqual([]);
});
