import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { N8nClient } from '../../../scripts/n8n/index.ts';
import { mcpSettings, type Stack, type StackOptions } from '../../../scripts/stack/index.ts';
import { configSchema } from '../../../mcp-server/config/config-schema';
import type { FullConfig } from '../../../mcp-server/config/read-config';
import { startHoldingService, type HoldingService } from '../holding-service';
import { connectModern, type TestClient } from '../mcp/mcp-clients';
import { startMcpServer, type TestMcpServer } from '../mcp/mcp-server';
import { startTestStack } from '../stack';
import { straightWorkflow, type Part } from '../straight-workflow';
import { tagWorkflow } from '../tag-workflow';
import { until } from '../until';
import { ExecutionRows } from './execution-rows';
import { OwnMachines } from './own-machines';

const ASK_EVERY_MS = 100;

/** The node gives up after 5 min if it is not told otherwise. */
const LONGEST_CALL_MS = 3_600_000;

/** Whose executions may be run again by their tag, whose not, and whose calls the service never holds. */
export type Workload = 'safe' | 'plain' | 'quick' | 'answered';

/** Who calls it waits until the execution has ended. */
const ANSWERED: Workload = 'answered';

/** A replica of the MCP server, and a client of it whose user says yes. */
export interface Replica {
	readonly server: TestMcpServer;
	readonly client: TestClient;
	/** Before the stack is. */
	stop(): Promise<void>;
}

/**
 * A stack whose workers each are as on a machine of their own, with executions that call a service which answers when a
 * test wants it to.
 */
export class WorkedStack {
	private constructor(
		readonly stack: Stack,
		readonly machines: OwnMachines,
		/** Counts calls by execution. */
		readonly service: HoldingService,
		readonly rows: ExecutionRows,
		/** What ends it all, the last first. */
		private readonly ends: Array<() => Promise<void> | void>,
	) {}

	/**
	 * With one worker: whatever begins before others are added runs on it.
	 * @param of workers that are to have another concurrency, by their names.
	 * @param whenDead what becomes of workers that have died.
	 */
	static async start(
		concurrency: number,
		of: Readonly<Record<string, number>> = {},
		whenDead?: StackOptions['whenDead'],
	): Promise<WorkedStack> {
		const ends: Array<() => Promise<void> | void> = [];
		try {
			const machines = new OwnMachines(of);
			ends.push(() => machines.stop());
			const { stack, stop } = await startTestStack({
				...{ workers: 1, concurrency, workerEnv: machines.envOf, whenDead },
				env: { N8N_EXPRESSION_ENGINE: 'legacy' },
			});
			ends.push(stop);
			const service = await startHoldingService();
			// Workers end what they run before they stop.
			ends.push(() => service.close());
			const rows = await ExecutionRows.connect(stack);
			ends.push(() => rows.close());
			const worked = new WorkedStack(stack, machines, service, rows, ends);
			await worked.publish();
			return worked;
		} catch (error) {
			await endAll(ends);
			throw error;
		}
	}

	/** @returns the ids of so many executions, all of which have called the service, and are held by it. */
	async begin(workload: 'safe' | 'plain', count: number): Promise<string[]> {
		const before = this.service.held;
		await this.trigger(workload, count);
		return await this.heldSince(before, count);
	}

	/** One that may run again, and with which status whoever has called it is answered when it has ended. */
	async beginAnswered(): Promise<{ readonly id: string; readonly answer: Promise<number> }> {
		const before = this.service.held;
		const answer = statusOf(`${this.stack.webhookUrl}/webhook/${ANSWERED}`);
		answer.catch(() => undefined);
		const [id] = await this.heldSince(before, 1);
		return { id: id!, answer };
	}

	/** Makes so many executions, whatever becomes of them. */
	async trigger(workload: Workload, count: number): Promise<void> {
		const webhooks = new N8nClient(this.stack.webhookUrl);
		const calls = Array.from({ length: count }, () => webhooks.callWebhook(workload));
		await Promise.all(calls);
	}

	async addReplica(more: Partial<FullConfig> = {}): Promise<Replica> {
		const settings = configSchema.parse(mcpSettings(this.stack));
		const server = await startMcpServer({}, { ...settings, ...more });
		let stopped: Promise<void> | undefined;
		const stopServer = () => (stopped ??= server.stop());
		this.ends.push(stopServer);
		const client = await connectModern(server.url, await server.token('operator'), 'yes');
		const stop = async () => {
			await client.close();
			await stopServer();
		};
		this.ends.push(stop);
		return { server, client, stop };
	}

	async stop(): Promise<void> {
		await endAll(this.ends);
	}

	private async heldSince(before: ReadonlySet<string>, count: number): Promise<string[]> {
		const begun = () => [...this.service.held].filter((id) => !before.has(id));
		await until(() => begun().length === count);
		return begun();
	}

	private async publish(): Promise<void> {
		const { client } = this.stack;
		for (const name of ['safe', 'plain', 'quick', ANSWERED] satisfies Workload[]) {
			const stored = await client.createWorkflow(workflowOf(name, this.service.url));
			await client.publish(stored);
			if (name === 'safe' || name === ANSWERED)
				await tagWorkflow(client, stored.id, 'bulwark:run-again');
		}
	}
}

/** Waits for an answer for as long as it takes, where fetch gives up after five minutes. */
async function statusOf(url: string): Promise<number> {
	for (;;) {
		const [response] = (await once(get(url), 'response')) as [IncomingMessage];
		response.resume();
		// n8n knows a webhook some time after it was published.
		if (response.statusCode !== 404) return response.statusCode!;
		await sleep(ASK_EVERY_MS);
	}
}

async function endAll(ends: Array<() => Promise<void> | void>): Promise<void> {
	for (let end = ends.pop(); end; end = ends.pop()) await end();
}

const workflowOf = (name: string, serviceUrl: string) =>
	straightWorkflow(
		name,
		{
			name: 'Webhook',
			type: 'n8n-nodes-base.webhook',
			typeVersion: 2,
			webhookId: name,
			parameters: {
				path: name,
				responseMode: name === ANSWERED ? 'lastNode' : 'onReceived',
				options: {},
			},
		},
		callOf(serviceUrl, name),
	);

/** A node that calls the service by this path, and waits for as long as that holds it. */
export const callOf = (serviceUrl: string, path: string): Part => ({
	name: 'Work',
	type: 'n8n-nodes-base.httpRequest',
	typeVersion: 4.2,
	parameters: {
		url: `=${serviceUrl}/${path}?execution={{ $execution.id }}`,
		options: { timeout: LONGEST_CALL_MS },
	},
});
