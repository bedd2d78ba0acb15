import { Client } from 'pg';

import type { Stack } from '../../../scripts/stack/index.ts';

/** Looks at n8n's executions past everything that is tested. */
export class ExecutionRows {
	private constructor(private readonly client: Client) {}

	static async connect({ postgres }: Stack): Promise<ExecutionRows> {
		const client = new Client({ ...postgres });
		await client.connect();
		return new ExecutionRows(client);
	}

	/** By id, ascending. */
	async idsWithStatus(status: string): Promise<string[]> {
		const { rows } = await this.client.query<{ id: number }>(
			'SELECT id FROM execution_entity WHERE status = $1 ORDER BY id',
			[status],
		);
		return rows.map(({ id }) => `${id}`);
	}

	async allIds(): Promise<string[]> {
		const { rows } = await this.client.query<{ id: number }>('SELECT id FROM execution_entity');
		return rows.map(({ id }) => `${id}`);
	}

	/** Adds so many rows of executions that run within others, and so have no job. */
	async addRunning(count: number, likeId: string): Promise<void> {
		await this.client.query(
			`INSERT INTO execution_entity ("workflowId", mode, status, finished, "createdAt", "startedAt")
			SELECT "workflowId", 'integrated', 'running', false, now(), now()
			FROM execution_entity, generate_series(1, $2) WHERE id = $1`,
			[Number(likeId), count],
		);
	}

	async close(): Promise<void> {
		await this.client.end();
	}
}
