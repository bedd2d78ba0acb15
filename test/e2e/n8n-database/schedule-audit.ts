import { dirname } from 'node:path';

import { addExecution, addWorkflow, type SqliteN8n } from '../../support/n8n-database';
import { connectFirst, connectModern } from '../../support/mcp/mcp-clients';
import { startMcpServer } from '../../support/mcp/mcp-server';
import { HOUR, MINUTE } from './database-under-test';

/** What clients are told of schedules. */
export function describeScheduleAudit(databases: { readonly sqlite: SqliteN8n }): void {
	it('names to clients of both revisions the fire that was missed, a page at a time', async () => {
		const { sqlite } = databases;
		const now = Date.now();
		const publishedAt = now - 3 * HOUR;
		const schedule = (expression: string) => ({
			...{ id: 'node', name: 'Every so often', type: 'n8n-nodes-base.scheduleTrigger' },
			parameters: { rule: { interval: [{ field: 'cronExpression', expression }] } },
		});
		for (const [id, expression] of [
			['every-10', '*/10 * * * *'],
			['spoken', '={{ $vars.often }}'],
		] as const)
			await addWorkflow(sqlite, { id, publishedNodes: [schedule(expression)], publishedAt });
		await sqlite.run('UPDATE workflow_entity SET "updatedAt" = ?', [sqlite.time(publishedAt)]);
		const due = Array.from(
			{ length: 13 },
			(_, count) => 10 * MINUTE * (Math.floor(now / (10 * MINUTE)) - 12 + count),
		);
		for (const createdAt of due.toSpliced(7, 1))
			await addExecution(sqlite, {
				...{ workflowId: 'every-10', mode: 'trigger', status: 'success', createdAt },
			});

		const server = await startMcpServer({
			...{ DB_TYPE: 'sqlite', N8N_USER_FOLDER: dirname(dirname(sqlite.settings.file)) },
			GENERIC_TIMEZONE: 'UTC',
		});
		try {
			for (const connect of [connectModern, connectFirst]) {
				const client = await connect(server.url, await server.token('viewer'));
				const ask = { windowMinutes: 120, limit: 1 };
				const { structured, text } = await client.call('audit_schedules', ask);
				expect(structured.workflows).toMatchObject([
					{
						...{ workflowId: 'every-10', timezone: 'UTC', verdict: 'missed', missedCount: 1 },
						...{ missed: [new Date(due[7]!).toISOString()], doubled: [], late: [] },
					},
				]);
				expect(text).toMatch(
					/^1 workflow with a schedule: 1 missed\.[^]*\nThere are more: call audit_schedules again/,
				);
				const cursor = structured.nextCursor as string;
				const rest = await client.call('audit_schedules', { ...ask, cursor });
				expect(rest.structured).toMatchObject({
					workflows: [
						{
							...{ workflowId: 'spoken', verdict: 'cannot tell', missed: [] },
							cannotTell: ['its rules hold an expression'],
						},
					],
				});
				await client.close();
			}
		} finally {
			await server.stop();
		}
	});
}
