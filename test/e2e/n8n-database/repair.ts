import { MINUTE, NOW, type DatabaseUnderTest } from './database-under-test';

/** What is written to executions. */
export function describeRepair(under: DatabaseUnderTest): void {
	describe('repair', () => {
		const seen = { status: 'running', startedAt: NOW - MINUTE } as const;

		it('takes an execution back to what n8n enqueues', async () => {
			const id = await under.add({ ...seen, stoppedAt: NOW, waitTill: NOW });
			expect(await under.executions.renew({ id, ...seen })).toBe(true);
			const [row] = await under.executions.find([id]);
			expect(row).toMatchObject({ status: 'new', startedAt: undefined, stoppedAt: undefined });
			expect(row).toMatchObject({ waitTill: undefined });
			expect(await under.executions.renew({ id, ...seen })).toBe(false);
			expect(
				await under.executions.mark({ id, status: 'new', startedAt: undefined }, 'crashed'),
			).toBe(true);
		});

		it.each(['crashed', 'canceled', 'success'] as const)('marks as %s', async (status) => {
			const id = await under.add({ ...seen, waitTill: NOW });
			expect(await under.executions.mark({ id, ...seen }, status)).toBe(true);
			const [row] = await under.executions.find([id]);
			expect(row).toMatchObject({ status, stoppedAt: NOW, waitTill: undefined });
			const [{ finished }] = (await under.n8n.run(
				`SELECT finished FROM ${under.n8n.table('execution_entity')}`,
			)) as [{ finished: unknown }];
			expect(Boolean(finished)).toBe(status === 'success');
		});

		it.each([
			['another status', { status: 'success', startedAt: seen.startedAt }],
			['another start', { status: 'running', startedAt: seen.startedAt + 1 }],
			['no start', { status: 'running', startedAt: undefined }],
			['been deleted', { ...seen, deletedAt: NOW }],
		] as const)('leaves one alone that has %s by now', async (_, now) => {
			const id = await under.add(now);
			expect(await under.executions.renew({ id, ...seen })).toBe(false);
			expect(await under.executions.mark({ id, ...seen }, 'crashed')).toBe(false);
			const [row] = await under.n8n.run(
				`SELECT status FROM ${under.n8n.table('execution_entity')}`,
			);
			expect(row).toEqual({ status: now.status });
		});

		it('lets one of many at once win', async () => {
			const id = await under.add(seen);
			const tries = Array.from({ length: 8 }, () => under.executions.renew({ id, ...seen }));
			expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
		});

		it('can change nothing else', async () => {
			expect(await under.executions.renew({ id: 'x', ...seen })).toBe(false);
			expect(await under.executions.renew({ id: '1', ...seen })).toBe(false);
		});
	});
}
