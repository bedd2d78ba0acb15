import { Redis } from 'ioredis';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { definePolicy } from '../../core/policies/define';
import { connectModern, type TestClient } from '../../test/support/mcp/mcp-clients';
import { postgresN8n, type PostgresN8n } from '../../test/support/n8n-database/postgres-n8n';
import { openStore, standalone } from '../../test/support/open-store';
import { startRedis } from '../../test/support/redis-server';
import type { Benchmark, Effort, Measurement } from '../benchmark';
import { openBullStack, type BullStack } from '../bull-workers';
import { addExecutions } from '../executions';
import { startMcpProcess, type McpProcess } from '../mcp-process';
import { benchN8n } from '../real-n8n';
import { median, p95, quartiles } from '../statistics';

const FEW = { executions: 100, jobs: 10 };
const MANY = { executions: 10_000, jobs: 1_000 };
const POLICIES = 20;

/** What was seen within a second is told again. */
const FRESH_MS = 1_000;

/** As Postgres logs what our connections send. */
const OUR_STATEMENT = /^bulwark: LOG: {2}(execute|statement)/gm;

/** How often a look must be counted until chance evens out. */
const CALLS_COUNTED = 20;

/** Before: each job is read once, when it is new, by whoever looks for lost executions every 15 s. */
const CALLS_BEFORE = 17;

/** Some sources are asked less often, so a few looks more or less of these make that much of a difference. */
const MOST_GROWTH = 1.5;

const MOST_LOAD_PERCENT = 1;

/** As the server does without being asked. */
const LOOK_EVERY_MS = 5_000;

/** Three looks of those that are made without being asked. */
const WINDOW_MS = 15_000;

/** What all looks of a time took. */
interface Cost {
	readonly looks: number;
	readonly queries: number;
	readonly commands: number;
	/** For which Redis was busy. */
	readonly usec: number;
}

/** A stack of which the server knows all sources but n8n's own HTTP. */
interface Bench {
	readonly n8n: PostgresN8n;
	readonly redis: Redis;
	readonly server: McpProcess;
	readonly client: TestClient;
}

export const mcpHealth: Benchmark = {
	id: 'mcp-health',
	title: `get_health, 95 % of calls, with ${MANY.executions} executions and ${MANY.jobs} queued jobs`,
	unit: 'ms',
	target: { below: 300 },
	async measure(effort) {
		const n8n = await postgresN8n(await benchN8n());
		const redisServer = await startRedis();
		const redis = new Redis(redisServer.port);
		const stack = openBullStack(redisServer.port);
		const server = await startMcpProcess(environmentOf(n8n, redisServer.port));
		try {
			await addPolicies(redisServer.port);
			const client = await connectModern(server.url, server.token);
			const bench = { n8n, redis, server, client };
			await fill(n8n, stack, FEW);
			await logStatements(n8n, 'all');
			const few = await costOfLooks(bench);
			await fill(n8n, stack, MANY);
			const many = await costOfLooks(bench);
			checkSame(few, many);
			await logStatements(n8n, 'none');
			await stack.startWorkers();
			const load = await loadOn(bench, many);
			const measured = await latencies(bench, effort, many);
			await client.close();
			return { ...measured, note: `${measured.note}; ${costNote(few, many)}; ${load}` };
		} finally {
			await server.stop();
			await stack.stop();
			redis.disconnect();
			await redisServer.stop();
			await n8n.stop();
		}
	},
};

const environmentOf = ({ settings }: PostgresN8n, redisPort: number): Record<string, string> => ({
	EXECUTIONS_MODE: 'queue',
	QUEUE_BULL_REDIS_HOST: '127.0.0.1',
	QUEUE_BULL_REDIS_PORT: `${redisPort}`,
	DB_TYPE: 'postgresdb',
	DB_POSTGRESDB_HOST: settings.host!,
	DB_POSTGRESDB_PORT: `${settings.port}`,
	DB_POSTGRESDB_DATABASE: settings.database,
	DB_POSTGRESDB_USER: settings.user,
	DB_POSTGRESDB_PASSWORD: settings.password!,
	DB_POSTGRESDB_SCHEMA: settings.schema,
	DB_TABLE_PREFIX: settings.tablePrefix,
});

async function fill(n8n: PostgresN8n, { add }: BullStack, { executions, jobs }: typeof FEW) {
	await addExecutions(n8n, executions);
	await add(jobs);
}

async function logStatements({ run }: PostgresN8n, which: 'all' | 'none'): Promise<void> {
	await run(`ALTER SYSTEM SET log_line_prefix = '%a: '`);
	await run(`ALTER SYSTEM SET log_statement = '${which}'`);
	await run('SELECT pg_reload_conf()');
	await delay(FRESH_MS);
}

async function addPolicies(port: number): Promise<void> {
	const { registry, store, request, close } = openStore(standalone(port));
	for (let policy = 0; policy < POLICIES; policy++) {
		const breaker = definePolicy('circuit-breaker', `service ${policy}`);
		await registry.note(breaker, { id: `${policy}`, title: 'a step' });
		await store.admit(request([breaker]));
	}
	close();
}

/** Calls until the server has looked a dozen times, all sources among them. */
async function costOfLooks(bench: Bench): Promise<Cost> {
	const callEachSecond = async (calls: number) => {
		for (let call = 0; call < calls; call++) {
			await delay(FRESH_MS);
			await bench.client.call('get_health');
		}
	};
	await callEachSecond(CALLS_BEFORE);
	const before = await counted(bench);
	await callEachSecond(CALLS_COUNTED);
	const after = await counted(bench);
	return {
		looks: after.looks - before.looks,
		queries: after.queries - before.queries,
		commands: after.commands - before.commands,
		usec: after.usec - before.usec,
	};
}

async function counted({ n8n, redis }: Bench): Promise<Cost> {
	const log = await readFile(n8n.server.logFile, 'utf8');
	const stats = await commandStats(redis);
	const sum = (of: 'calls' | 'usec') =>
		[...stats.values()].reduce((total, command) => total + command[of], 0);
	return {
		looks: stats.get('client|list')?.calls ?? 0,
		queries: log.match(OUR_STATEMENT)?.length ?? 0,
		commands: sum('calls'),
		// Commands within scripts count twice, so this is more than it is.
		usec: sum('usec'),
	};
}

async function commandStats(
	redis: Redis,
): Promise<ReadonlyMap<string, { readonly calls: number; readonly usec: number }>> {
	const text = await redis.info('commandstats');
	const lines = text.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm);
	return new Map(
		[...lines].map(([, name, calls, usec]) => [
			name!,
			{ calls: Number(calls), usec: Number(usec) },
		]),
	);
}

const aLook = ({ looks, queries, commands, usec }: Cost) => ({
	usec: usec / looks,
	queries: queries / looks,
	commands: commands / looks,
});

function checkSame(few: Cost, many: Cost): void {
	const [before, after] = [aLook(few), aLook(many)];
	for (const name of ['queries', 'commands'] as const)
		if (after[name] > MOST_GROWTH * before[name])
			throw new Error(`${name} a look grow with what there is: ${before[name]}, ${after[name]}`);
}

/** What looks that nobody asked for cost Redis, by turns with and without them. */
async function loadOn(bench: Bench, cost: Cost): Promise<string> {
	const busy = { alone: 0, looked: 0 };
	const windowOf = async (what: keyof typeof busy) => {
		const before = await counted(bench);
		await delay(WINDOW_MS);
		busy[what] += (await counted(bench)).usec - before.usec;
	};
	for (let turn = 0; turn < 2; turn++) {
		bench.server.signal('SIGSTOP');
		await windowOf('alone');
		bench.server.signal('SIGCONT');
		await windowOf('looked');
	}
	const percent = (usec: number, ofMs: number) => (100 * usec) / (ofMs * 1_000);
	const [alone, looked] = [busy.alone, busy.looked].map((usec) => percent(usec, 2 * WINDOW_MS)) as [
		number,
		number,
	];
	const { usec } = aLook(cost);
	const ours = percent(usec, LOOK_EVERY_MS);
	if (Math.max(ours, looked - alone) >= MOST_LOAD_PERCENT)
		throw new Error(`Looks keep Redis busy for ${Math.max(ours, looked - alone)} % of the time`);
	return `a look keeps Redis busy for ${usec.toFixed(0)} µs, which is ${ours.toFixed(3)} % of the time with one every 5 s; beside four workers and 10 jobs a second it was busy for ${alone.toFixed(3)} % of the time without looks, and for ${looked.toFixed(3)} % with them`;
}

/** Against a call that is told what was seen before, and as many bare round trips as a look makes. */
async function latencies(
	{ n8n, redis, client }: Bench,
	{ rounds }: Effort,
	many: Cost,
): Promise<Measurement> {
	const { queries, commands } = aLook(many);
	const looked: number[] = [];
	const floors: number[] = [];
	while (looked.length < 2 * rounds) {
		await delay(FRESH_MS);
		const begunAt = Date.now();
		const { tookMs, at } = await timed(client);
		// Otherwise it was seen without being asked.
		if (at < begunAt) continue;
		const again = await timed(client);
		const from = performance.now();
		for (let query = 0; query < Math.round(queries); query++) await n8n.run('SELECT 1');
		for (let command = 0; command < Math.round(commands); command++) await redis.ping();
		looked.push(tookMs);
		floors.push(again.tookMs + performance.now() - from);
	}
	const [low, high] = quartiles(looked.map((ms, round) => ms / floors[round]!));
	const ms = (value: number) => `${value.toFixed(0)} ms`;
	return {
		figure: p95(looked),
		ours: median(looked),
		other: median(floors),
		note: `${looked.length} calls, median ${ms(median(looked))}, slowest ${ms(Math.max(...looked))}; half of them took ${low.toFixed(1)} to ${high.toFixed(1)} times as long as a call without a look and as many bare round trips`,
	};
}

async function timed(client: TestClient): Promise<{ tookMs: number; at: number }> {
	const from = performance.now();
	const { structured, isError, text } = await client.call('get_health');
	if (isError) throw new Error(text);
	return { tookMs: performance.now() - from, at: Date.parse(structured.at as string) };
}

function costNote(few: Cost, many: Cost): string {
	const [before, after] = [aLook(few), aLook(many)];
	const change = (name: 'queries' | 'commands') =>
		`${before[name].toFixed(1)} and ${after[name].toFixed(1)}`;
	return `with ${FEW.executions} executions and ${FEW.jobs} jobs, and with all of them, a look takes ${change('queries')} queries of Postgres, ${change('commands')} commands of Redis, besides one for each job that is new`;
}
