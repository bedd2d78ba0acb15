import { addWorkflow } from '../../support/n8n-database';
import { HOUR, NOW, type DatabaseUnderTest } from './database-under-test';

/** What is read of workflows. */
export function describeWorkflows(under: DatabaseUnderTest): void {
	describe('workflows', () => {
		const node = (name: string, more: object = {}) => ({
			...{ id: `id of ${name}`, name, type: 'n8n-nodes-base.noOp', parameters: { a: [1] } },
			...{ position: [0, 0], credentials: { api: { id: '1' } }, ...more },
		});

		it('shows what is published, not what is edited', async () => {
			await addWorkflow(under.n8n, {
				...{ id: 'w2', name: 'Two', tags: ['b', 'a'], settings: { timezone: 'UTC' } },
				nodes: [node('Draft')],
				publishedNodes: [node('Published'), node('Off', { disabled: true })],
				publishedAt: NOW - HOUR,
			});
			const [workflow] = await under.workflows.find(['w2', 'none']);
			expect(workflow).toEqual({
				...{ id: 'w2', name: 'Two', isActive: true, tags: ['a', 'b'] },
				settings: { timezone: 'UTC' },
				nodes: ['Published', 'Off'].map((name) => ({
					...{ id: `id of ${name}`, name, type: 'n8n-nodes-base.noOp' },
					...{ isDisabled: name === 'Off', parameters: { a: [1] } },
				})),
				updatedAt: expect.any(Number) as number,
				publishedAt: NOW - HOUR,
			});
			expect(Math.abs(workflow!.updatedAt - Date.now())).toBeLessThan(HOUR);
		});

		it('shows the draft of one that is not published', async () => {
			await addWorkflow(under.n8n, { id: 'w2', nodes: [node('Draft')] });
			const [workflow] = await under.workflows.find(['w2']);
			expect(workflow).toMatchObject({ isActive: false, nodes: [{ name: 'Draft' }] });
			expect(workflow).not.toHaveProperty('publishedAt');
		});

		it('pages those that are active', async () => {
			for (const id of ['a', 'b', 'c']) await addWorkflow(under.n8n, { id, publishedNodes: [] });
			await addWorkflow(under.n8n, { id: 'd', publishedNodes: [], isArchived: true });
			const ids = async (limit: number, after?: string) =>
				(await under.workflows.active(limit, after)).map(({ id }) => id);
			expect(await ids(2)).toEqual(['a', 'b']);
			expect(await ids(2, 'b')).toEqual(['c']);
			expect(await ids(2, 'c')).toEqual([]);
		});

		it('outlines those that are active, whatever their nodes hold', async () => {
			const code = { parameters: { jsCode: 'x'.repeat(1_000_000) } };
			const publishedNodes = [
				{ ...node('Code'), ...code },
				{ ...node('Off'), disabled: true },
			];
			await addWorkflow(under.n8n, { id: 'a', settings: { timezone: 'UTC' }, publishedNodes });
			await addWorkflow(under.n8n, { id: 'b', publishedNodes: [null, 1, 'x', {}] as object[] });
			await addWorkflow(under.n8n, { id: 'c', publishedNodes: {} as object[] });
			await addWorkflow(under.n8n, { id: 'd', nodes: [node('Draft')] });
			const type = 'n8n-nodes-base.noOp';
			expect(await under.workflows.outlines(2)).toMatchObject([
				{
					...{ id: 'a', name: 'a', settings: { timezone: 'UTC' } },
					nodes: [
						{ type, isDisabled: false },
						{ type, isDisabled: true },
					],
				},
				{ id: 'b', nodes: [{ isDisabled: false }] },
			]);
			expect(await under.workflows.outlines(2, 'b')).toEqual([
				{ id: 'c', name: 'c', settings: {}, nodes: [] },
			]);
		});
	});
}
