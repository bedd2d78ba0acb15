import type { StackHealth } from '../../core/health';
import { lookOut } from '../../mcp-server/look-out';
import { FakeClock } from '../support/fake-clock';

/** Starts it, with a stack of which only the looks are counted. */
function start(when: 'always' | 'asked') {
	const clock = new FakeClock();
	const seen = { looks: 0, errors: [] as Error[], askedAt: -Infinity };
	let look = (): Promise<void> => Promise.resolve();
	const health = {
		get askedAt() {
			return seen.askedAt;
		},
		lookOut: () => {
			seen.looks++;
			return look();
		},
	} as unknown as StackHealth;
	const end = lookOut(health, clock, when, (error) => seen.errors.push(error));
	return { clock, seen, end, looksBy: (next: typeof look) => (look = next) };
}

it('looks every 5 s until it is ended', async () => {
	const { clock, seen, end } = start('always');
	await clock.run(20_000);
	expect(seen.looks).toBe(4);
	await end();
	await clock.run(20_000);
	expect(seen.looks).toBe(4);
	expect(clock.pendingTimers).toBe(0);
});

it('goes on after a look that fails, and says so', async () => {
	const { clock, seen, end, looksBy } = start('always');
	looksBy(() => Promise.reject(new Error('nothing to be seen')));
	await clock.run(10_000);
	expect(seen.errors.map(({ message }) => message)).toEqual(Array(2).fill('nothing to be seen'));
	await end();
});

it('begins no look before the one before has ended, and ends when that has', async () => {
	const { clock, seen, end, looksBy } = start('always');
	let finish = (): void => undefined;
	looksBy(() => new Promise((resolve) => (finish = resolve)));
	await clock.run(60_000);
	expect(seen.looks).toBe(1);
	let hasEnded = false;
	const ending = end().then(() => (hasEnded = true));
	await clock.run(1_000);
	expect(hasEnded).toBe(false);
	finish();
	await ending;
	await clock.run(60_000);
	expect(seen.looks).toBe(1);
});

it('where it waits to be asked, looks for a minute after that', async () => {
	const { clock, seen, end } = start('asked');
	await clock.run(60_000);
	expect(seen.looks).toBe(0);
	seen.askedAt = clock.now();
	await clock.run(120_000);
	expect(seen.looks).toBe(12);
	await end();
});
