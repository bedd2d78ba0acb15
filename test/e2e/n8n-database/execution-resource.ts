import { dirname } from 'node:path';

import { addExecution, addWorkflow, type SqliteN8n } from '../../support/n8n-database';
import { connectFirst, connectModern } from '../../support/mcp/mcp-clients';
import { startMcpServer } from '../../support/mcp/mcp-server';
import { MINUTE } from './database-under-test';

/** What clients can read of an execution by its address. */
export function describeExecutionResource(databases: { readonly sqlite: SqliteN8n }): void {
	it('is read by its id, which is completed while it has not ended', async () => {
		const { sqlite } = databases;
		const createdAt = Date.now() - MINUTE;
		await addWorkflow(sqlite, { id: 'read' });
		const add = async (status: 'waiting' | 'success') =>
			await addExecution(sqlite, { workflowId: 'read', mode: 'webhook', status, createdAt });
		const [waiting, ended] = [await add('waiting'), await add('success')];
		const template = 'bulwark://executions/{id}';
		const server = await startMcpServer({
			...{ DB_TYPE: 'sqlite', N8N_USER_FOLDER: dirname(dirname(sqlite.settings.file)) },
		});
		try {
			for (const connect of [connectModern, connectFirst]) {
				const client = await connect(server.url, await server.token('viewer'));
				const ids = await client.complete({ template }, { name: 'id', value: waiting });
				expect(ids).toContain(waiting);
				expect(ids).not.toContain(ended);
				const { structured } = await client.call('explain_execution', { executionId: ended });
				expect(structured).toMatchObject({ executionId: ended, status: 'success' });
				const read = await client.read(`bulwark://executions/${ended}`);
				expect(JSON.parse(read)).toEqual(structured);
				await expect(client.read('bulwark://executions/99999999')).rejects.toThrow();
				await client.close();
			}
		} finally {
			await server.stop();
		}
	});
}
