import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { LEASE_MS } from '../../nodes/shared/services';
import { readWorkflowFiles, type WorkflowFile } from '../../scripts/demo/index.ts';
import { createFlakyApi, type FlakyApi } from '../../scripts/flaky-api/index.ts';
import { delay, N8nClient, pollUntil, publishAll } from '../../scripts/n8n/index.ts';
import type { TemporaryStack } from '../../scripts/stack/index.ts';
import { arrivalsOf, statsOf } from '../support/api-stats';
import { callMany } from '../support/call-many';
import { noteFigure } from '../support/note-figure';
import { startTestStack } from '../support/stack';

const PROJECT = resolve(__dirname, '../..');
const WORKERS = 4;
const CONCURRENCY = 10;
/** More than all workers run at a time, so that none of them is ever idle. */
const IN_FLIGHT = 2 * WORKERS * CONCURRENCY;
/** As it is shipped; and so few calls a second that any machine runs far more, and would show two limits in place of one. */
const RATES = [
	{ rate: 20, name: 'rate-limiter', key: 'queue-limiter' },
	{ rate: 5, name: 'slow-rate-limiter', key: 'slow-queue-limiter' },
] as const;

let api: FlakyApi;
let test: TemporaryStack;
let webhooks: N8nClient;
let files: WorkflowFile[];

beforeAll(async () => {
	api = await createFlakyApi({ port: 0 });
	test = await startTestStack({
		workers: WORKERS,
		concurrency: CONCURRENCY,
		env: { N8N_EXPRESSION_ENGINE: 'legacy' },
	});
	const { client, redisCredential, webhookUrl } = test.stack;
	webhooks = new N8nClient(webhookUrl);
	const all = await readWorkflowFiles(PROJECT, api.url, redisCredential);
	files = all.filter(({ file }) => file.startsWith('workflows/queue-mode/'));
	const limiter = files.find(({ file }) => file.endsWith('/rate-limiter.json'))!;
	const stored = [];
	for (const { workflow } of [...files, slower(limiter)])
		stored.push(await client.createWorkflow(workflow));
	await publishAll(client, stored);
	for (const name of ['bulkhead', 'circuit-breaker']) await callAgain(name);
});
afterAll(async () => {
	// Its callers then end at once.
	await api?.close();
	await test?.stop();
});

/** The same with another limit, at an address of its own. */
function slower({ workflow, ...file }: WorkflowFile): WorkflowFile {
	const [shipped, slow] = RATES;
	const text = JSON.stringify({ ...workflow, id: undefined })
		.replaceAll(`queue/${shipped.name}`, `queue/${slow.name}`)
		.replaceAll(`"${shipped.key}"`, `"${slow.key}"`)
		.replaceAll(`"limit":${shipped.rate}`, `"limit":${slow.rate}`);
	return { ...file, workflow: JSON.parse(text) as WorkflowFile['workflow'] };
}

/** Workflows that a test of this file has executed, by file. */
const executed = new Set<string>();

interface Answer {
	status: number;
	/** The item that was answered with. */
	degraded?: { code: string };
	error?: { code?: string };
}

/** Calls a shipped workflow by its webhook. */
async function call(name: string, query = '', signal?: AbortSignal): Promise<Answer> {
	executed.add(`workflows/queue-mode/${name}.json`);
	const response = await webhooks.callWebhook(`bulwark/queue/${name}${query}`, { signal });
	const [item] = (await response.json()) as Array<Omit<Answer, 'status'>>;
	return { ...item, status: response.status };
}

/**
 * Calls until an answer other than that Redis was not reached in time, which a machine at its limits makes happen. The
 * step then has turned the call away, as its workflow wants it.
 */
async function callAgain(name: string, query = ''): Promise<Answer> {
	let answer = await call(name, query);
	while (answer.error?.code === 'STORE_UNREACHABLE') answer = await call(name, query);
	return answer;
}

/** How many executions each worker has begun, by its log. */
async function begun(): Promise<Record<string, number>> {
	const counts = test.stack.workers.map(async ({ name, logFile }) => {
		const log = await readFile(logFile, 'utf8');
		return [name, log.match(/Worker started execution/g)?.length ?? 0] as const;
	});
	return Object.fromEntries(await Promise.all(counts));
}

/** How many more executions each worker has begun than `before`. */
async function begunSince(before: Record<string, number>): Promise<Record<string, number>> {
	const now = await begun();
	return Object.fromEntries(Object.entries(now).map(([name, n]) => [name, n - before[name]!]));
}

const stats = async (endpoint: string, key: string) => (await statsOf(api, endpoint))[key]!;

it('500 webhook calls through a bulkhead of 5 on four workers: the service never sees more than 5', async () => {
	const before = await begun();
	const startedAt = Date.now();
	const answers = await callMany(
		500,
		IN_FLIGHT,
		async () => await callAgain('bulkhead', '?ms=100'),
	);
	expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
	expect(await stats('concurrent', 'queue-bulkhead')).toMatchObject({
		calls: 501,
		maxInFlight: 5,
		inFlight: 0,
		statuses: { 200: 501 },
	});
	noteFigure('500 webhook calls through a bulkhead of 5', (Date.now() - startedAt) / 1000, 's');
	// Any one of them could have overrun the service by itself.
	for (const count of Object.values(await begunSince(before))) expect(count).toBeGreaterThan(20);
});

it.each(RATES)(
	'a limiter of $rate calls a second is kept to by four workers together, as the service sees it',
	async ({ rate, name, key }) => {
		await callAgain(name);
		const before = await stats('echo', key);
		const calls = WORKERS * CONCURRENCY;
		const spacingMs = 1000 / rate;
		const startedAt = Date.now();
		await callMany(calls, IN_FLIGHT, async () => await callAgain(name));
		const seen = await stats('echo', key);
		noteFigure(`busiest second of a limiter of ${rate} a second`, seen.busiestWindow, 'calls');
		expect(seen.calls - before.calls).toBe(calls);
		// On their way to the service calls are held up by the event loop of their worker, one more than another, so that a
		// second may see some that were let through before it. But none is early: at no moment has the service seen more than
		// the limit has let through since the first was asked for.
		const arrivals = await arrivalsOf(api, 'echo', key, calls);
		const early = arrivals.flatMap((at, call) => {
			const soonestAt = startedAt + call * spacingMs;
			return at < soonestAt ? [{ call, earlyMs: soonestAt - at }] : [];
		});
		expect(arrivals).toHaveLength(calls);
		expect(early).toEqual([]);
		const latestMs = Math.max(...arrivals.map((at, call) => at - startedAt - call * spacingMs));
		noteFigure(`how late calls of a limiter of ${rate} a second arrive`, latestMs, 'ms');
	},
);

it('a breaker that opened on one worker turns calls away on every other at its next call', async () => {
	const key = 'queue-breaker';
	await callMany(20, WORKERS, async () => await call('circuit-breaker'));
	const { calls } = await stats('down', key);
	await fetch(`${api.url}/control`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ down: true, key }),
	});
	// Where Redis was not reached in time, a call went by the worker's own breaker, and says so.
	const beyondRedis: Answer[] = [];
	const callBreaker = async (): Promise<Answer> => {
		const answer = await call('circuit-breaker');
		if (!answer.degraded) return answer;
		beyondRedis.push(answer);
		return await callBreaker();
	};
	for (let failure = 1; failure <= 3; failure++) {
		expect((await callBreaker()).status).toBe(502);
	}
	const opened = await begun();
	const answers: Answer[] = [];
	while (Object.values(await begunSince(opened)).some((count) => count === 0)) {
		answers.push(await callBreaker());
	}
	expect(answers.length).toBeGreaterThanOrEqual(WORKERS);
	for (const { status, error } of answers) {
		expect([status, error!.code]).toEqual([503, 'CIRCUIT_OPEN']);
	}
	expect((await stats('down', key)).calls).toBe(calls + 3 + beyondRedis.length);
});

it('a worker that is killed with calls under way gives its slots back within the lease', async () => {
	const key = 'queue-bulkhead';
	const over = new AbortController();
	const hold = (ms: number) =>
		void call('bulkhead', `?ms=${ms}`, over.signal).catch(() => undefined);
	const inFlight = async () => (await stats('concurrent', key)).inFlight;
	const reaches = async (wanted: number, timeoutMs: number) => {
		const look = async () => ((await inFlight()) === wanted ? true : undefined);
		await pollUntil(look, { what: `${wanted} calls in flight`, timeoutMs, everyMs: 50 });
	};
	try {
		const before = await begun();
		for (let slot = 0; slot < 5; slot++) hold(2 * LEASE_MS);
		await reaches(5, 30_000);
		const [victim, held] = Object.entries(await begunSince(before)).sort((a, b) => b[1] - a[1])[0]!;

		// Leases are counted from here on, but run since before: the rest is for the way of a call to the service.
		await delay(5000);
		const killedAt = Date.now();
		await test.stack.kill(victim);
		expect(test.stack.workers.find(({ name }) => name === victim)!.state).toBe('dead');
		await reaches(5 - held, 10_000);
		for (let waiting = 0; waiting < 5; waiting++) hold(2 * LEASE_MS);
		await reaches(5, LEASE_MS + 10_000);
		const backAfterMs = Date.now() - killedAt;
		noteFigure('slots of a killed worker back after', backAfterMs, 'ms');
		expect(backAfterMs).toBeLessThanOrEqual(LEASE_MS + 1000);
		expect((await stats('concurrent', key)).maxInFlight).toBe(5);
	} finally {
		over.abort();
	}
});

it('every shipped workflow for queue mode has been executed by a test above', () => {
	expect([...executed]).toEqual(expect.arrayContaining(files.map(({ file }) => file)));
});
