import { Client } from 'pg';

import { thresholdsSchema } from '../../core/health';
import type { Stack } from '../../scripts/stack/index.ts';
import { workThrough } from '../support/mcp/work-through';
import { startRedis, type RedisServer } from '../support/redis-server';
import { until } from '../support/until';
import { WorkedStack, type Replica } from '../support/worked-stack';

const CONCURRENCY = 2;
const WAITING = 4;
/** Of Postgres' connections, while the others are used up. */
const LEFT_FREE = 5;

let test: WorkedStack;
let replica: Replica;
let other: RedisServer | undefined;
/** In the order in which they began. */
let running: string[];
let waiting: string[];

beforeAll(async () => {
	test = await WorkedStack.start(CONCURRENCY);
	replica = await test.addReplica({
		thresholds: thresholdsSchema.parse({ queueAgeMs: { warning: 1_000, critical: 3_600_000 } }),
	});
	running = await test.begin('plain', CONCURRENCY);
	await test.trigger('plain', WAITING);
	await until(async () => {
		waiting = await test.rows.idsWithStatus('new');
		return waiting.length === WAITING;
	});
});

afterAll(async () => {
	await test?.stop();
	await other?.stop();
});

const names = (id: string) => (health: any) =>
	health.findings.some((finding: any) => finding.id === id);

const findingOf = (health: any, id: string): any =>
	health.findings.find((finding: any) => finding.id === id);

const neverReached = ({ lost }: any): string[] =>
	lost.flatMap(({ loss, executionId }: any) =>
		loss === 'never reached a worker' ? [executionId] : [],
	);

const actionsOf = ({ steps }: any): string[] => steps.map(({ action }: any) => action);

const statesOf = ({ workers }: any): string[] => workers.map(({ state }: any) => state);

it('queue-backs-up leads to workers that are full, and changes nothing', async () => {
	const answers = await workThrough(replica.client, 'queue-backs-up', {
		get_health: names('queue-old'),
		// Not before it has asked for no job for some seconds.
		list_workers: (workers) => statesOf(workers).includes('saturated'),
	});
	const of = (tool: string) => answers.get(tool)!.structured;
	expect(findingOf(of('get_health'), 'queue-old').playbook).toBe('queue-backs-up');
	expect(of('get_queue').queues).toMatchObject([{ waiting: WAITING, active: CONCURRENCY }]);
	expect(of('find_lost_executions').lost).toEqual([]);
	expect(answers.has('apply_plan')).toBe(false);
});

it('redis-failover brings back what another Redis knows nothing of, once', async () => {
	const { port, password } = test.stack.redis;
	await test.stack.kill('redis');
	// Without the data of the first, as a replica that had been handed on nothing yet.
	other = await startRedis({ port: `${port}`, requirepass: password });
	const answers = await workThrough(replica.client, 'redis-failover', {
		get_health: names('redis-replaced'),
		list_workers: (workers) => statesOf(workers).includes('saturated'),
		find_lost_executions: (found) => neverReached(found).length === WAITING,
		// A worker that has just come back may be silent once more, and then all is left for the moment.
		plan_recovery: (plan) => actionsOf(plan).filter((action) => action !== 'leave').length > 0,
	});
	const of = (tool: string) => answers.get(tool)!.structured;
	expect(findingOf(of('get_health'), 'redis-replaced').playbook).toBe('redis-failover');
	expect(of('get_queue').queues).toMatchObject([{ waiting: 0 }]);
	expect(neverReached(of('find_lost_executions'))).toEqual(waiting);
	// What runs on was taken from the first Redis, and ends all the same: it is left, if it is named at all.
	expect(actionsOf(of('plan_recovery')).filter((action) => action !== 'leave')).toEqual(
		waiting.map(() => 'enqueue again'),
	);
	expect(of('lint_configuration').findings.map(({ id }: any) => id)).toContain('redis-append-only');
	test.service.release();
	const all = [...running, ...waiting];
	await until(async () => (await test.rows.idsWithStatus('success')).length === all.length);
	expect(all.map((id) => test.service.calls.get(id))).toEqual(all.map(() => 1));
});

it('postgres-pool-exhausted names who has the connections, and changes nothing', async () => {
	const clients = await allConnectionsOf(test.stack);
	try {
		const answers = await workThrough(replica.client, 'postgres-pool-exhausted', {
			get_health: names('database-connections'),
		});
		const health = answers.get('get_health')!.structured;
		expect(findingOf(health, 'database-connections').playbook).toBe('postgres-pool-exhausted');
		expect(answers.get('find_lost_executions')!.structured.lost).toEqual([]);
		expect(answers.has('apply_plan')).toBe(false);
	} finally {
		await Promise.all(clients.map((client) => client.end()));
	}
});

/** Takes what Postgres allows, but for some that n8n and the server may need meanwhile. */
async function allConnectionsOf({ postgres }: Stack): Promise<readonly Client[]> {
	const first = new Client({ ...postgres });
	await first.connect();
	const { rows } = await first.query<{ free: number }>(
		`SELECT (current_setting('max_connections')::int - count(*))::int AS free FROM pg_stat_activity`,
	);
	const more = Array.from({ length: rows[0]!.free - LEFT_FREE }, () => new Client({ ...postgres }));
	for (const client of more) await client.connect();
	return [first, ...more];
}
