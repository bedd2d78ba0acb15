import { startWriter } from '../../support/n8n-database';
import { HOUR, type DatabaseUnderTest } from './database-under-test';

/** What looks cost n8n, and what they say of the server. */
export function describeLooks(under: DatabaseUnderTest): void {
	it('keeps no writer waiting while it looks', async () => {
		for (let count = 0; count < 200; count += 1)
			await under.add({ status: count % 9 ? 'success' : 'new' });
		const writer = await startWriter(under.n8n, { writes: 100, everyMs: 1 });
		let looks = 0;
		while (writer.isRunning()) {
			await under.executions.withStatus(['success', 'new'], 1_000);
			await under.executions.rates(HOUR);
			await under.executions.unfinishedCounts();
			looks += 1;
		}
		expect((await writer.ended).latenciesMs).toHaveLength(100);
		expect(looks).toBeGreaterThan(3);
	});

	it('says how the server is', async () => {
		await under.add({});
		const statistics = await under.server.statistics();
		expect(statistics).toMatchObject({
			type: under.n8n.settings.type,
			version: expect.any(String),
		});
		expect(statistics.sizeBytes).toBeGreaterThan(100_000);
		expect(statistics.roundTripMs).toBeGreaterThan(0);
		expect(statistics.tables.length).toBeGreaterThan(1);
		if (under.n8n.settings.type === 'postgres') {
			expect(statistics.connections).toMatchObject({ most: 200, idleInTransaction: 0 });
			expect(statistics.connections!.used).toBeGreaterThan(0);
		} else expect(statistics.writeAheadLogBytes).toBeGreaterThan(0);
	});
}
