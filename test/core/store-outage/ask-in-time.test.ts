import { askInTime, StoreHealth, type StoreEvent } from '../../../core/store-outage';
import { FakeClock } from '../../support/fake-clock';

function setUp() {
	const clock = new FakeClock();
	const events: StoreEvent[] = [];
	let isUp = false;
	const probe = () => (isUp ? Promise.resolve() : Promise.reject(new Error('ECONNREFUSED')));
	const health = new StoreHealth(clock, probe, (event) => void events.push(event));
	const ask = askInTime(health, clock);
	/** What comes of a request that takes so long, and how long it takes to tell. */
	const timed = async (answerMs: number, characters?: number) => {
		const startedAt = clock.now();
		const request = () =>
			new Promise<string>((resolve) => clock.schedule(() => resolve('an answer'), answerMs));
		let took: number | undefined;
		const said = ask(request, characters)
			.catch(({ message, code }: Error & { code?: string }) => code ?? message)
			.finally(() => (took = clock.now() - startedAt));
		for (let ms = 0; took === undefined && ms < 2_000; ms++) await clock.run(1);
		return { said: await said, took: took! };
	};
	const mend = async () => {
		isUp = true;
		await clock.run(1_000);
	};
	return { clock, events, ask, timed, mend };
}

it('waits for one overdue answer only, until the store is back', async () => {
	const { timed, mend, events } = setUp();
	const overdue = await timed(5_000);
	expect(overdue.said).toMatch(/No answer within/);
	expect(overdue.took).toBeLessThanOrEqual(100);
	expect(await timed(1)).toEqual({ said: 'STORE_UNREACHABLE', took: 0 });
	await mend();
	expect(await timed(1)).toEqual({ said: 'an answer', took: 1 });
	expect(events.map(({ type }) => type)).toEqual(['store-slow', 'store-lost', 'store-back']);
});

it('counts a store as down that refuses, and does not ask it meanwhile', async () => {
	const { ask, mend } = setUp();
	let asked = 0;
	const refused = async () => {
		asked++;
		throw new Error('ECONNREFUSED');
	};
	await expect(ask(refused)).rejects.toThrow('ECONNREFUSED');
	await expect(ask(refused)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
	expect(asked).toBe(1);
	await mend();
	await expect(ask(refused)).rejects.toThrow('ECONNREFUSED');
});

it('gives what is long the time that it takes on its way, but no more', async () => {
	const { timed, events } = setUp();
	const megabyte = 1024 * 1024;
	expect(await timed(150, megabyte)).toEqual({ said: 'an answer', took: 150 });
	expect(await timed(500, 4 * megabyte)).toEqual({ said: 'an answer', took: 500 });
	expect(events).toEqual([]);
	const overdue = await timed(5_000, megabyte);
	expect(overdue.said).toMatch(/No answer within/);
	expect(overdue.took).toBeLessThan(300);
});
