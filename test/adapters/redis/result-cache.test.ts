import { setTimeout as sleep } from 'node:timers/promises';

import { openStore, standalone } from '../../support/open-store';
import { until } from '../../support/until';
import { useOpenStore } from '../../support/use-open-store';

const opened = useOpenStore();

const PLACE = 'bulwark:result:user 1';

it('says how old a result is, whoever stored it, and forgets it in time', async () => {
	const other = openStore(standalone(opened.port));
	try {
		await other.ping();
		const askedAt = performance.now();
		await other.results.set('user 1', { name: 'old' }, 60_000);
		await other.results.set('user 1', { name: 'new' }, 60_000);
		const storedAt = performance.now();
		await sleep(30);
		const atLeastMs = performance.now() - storedAt;
		const found = await opened.results.get('user 1');
		expect(found?.value).toEqual({ name: 'new' });
		// The server counts whole milliseconds.
		expect(found?.ageMs).toBeGreaterThanOrEqual(Math.floor(atLeastMs) - 1);
		expect(found?.ageMs).toBeLessThanOrEqual(Math.ceil(performance.now() - askedAt) + 1);
		await other.results.set('user 1', 'short', 20);
		await until(async () => (await opened.results.get('user 1')) === undefined);
	} finally {
		other.close();
	}
});

it('is as young as it was stored last, whatever it was stored for', async () => {
	await opened.results.set('user 1', 'for long', 600_000);
	await opened.results.set('user 1', 'for short', 60_000);
	expect((await opened.results.get('user 1'))?.ageMs).toBeLessThan(10_000);
	await opened.results.set('user 1', 'for long', 600_000);
	expect((await opened.results.get('user 1'))?.ageMs).toBeLessThan(10_000);
});

it('keeps what was good before a result that is too large, or is none', async () => {
	await opened.results.set('user 1', 'good', 60_000);
	await opened.results.set('user 1', 'x'.repeat(2 * 1024 * 1024), 60_000);
	await opened.results.set('user 1', 1n, 60_000);
	expect((await opened.results.get('user 1'))?.value).toBe('good');
});

it('does not go by what it does not know the age of', async () => {
	const { client } = opened.connection;
	const odd = [`{"value":1,"storedAt":${Date.UTC(2026, 0, 1)}}`, '{"value":1}', '5', 'null', '{'];
	for (const text of odd) {
		await client.set(PLACE, text, 'PX', 60_000);
		expect([text, await opened.results.get('user 1')]).toEqual([text, undefined]);
	}
	await opened.results.set('user 1', 'good', 60_000);
	await client.persist(PLACE);
	expect(await opened.results.get('user 1')).toBeUndefined();
	await opened.results.set('user 1', 'good', 60_000);
	await client.pexpire(PLACE, 600_000);
	expect(await opened.results.get('user 1')).toEqual({ value: 'good', ageMs: 0 });
});
