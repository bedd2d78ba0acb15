import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { jobData, jobOptions, openBull, type OpenBull } from '../test/support/bull';

const WORKERS = 4;
const CONCURRENCY = 5;
const JOB_MS = 2_000;

/** As n8n writes its entry of the registry anew. */
const REPORT_EVERY_MS = 30_000;

/** A queue of n8n's kind. */
export interface BullStack {
	/** Adds jobs that wait behind the others. */
	add(count: number): Promise<void>;
	/** Four workers take jobs as n8n's do, and as many are added as they end: the queue stays as long. */
	startWorkers(): Promise<void>;
	stop(): Promise<void>;
}

export function openBullStack(port: number): BullStack {
	const address = { host: '127.0.0.1', port };
	const clients: Redis[] = [];
	const timers: NodeJS.Timeout[] = [];
	const connect = () => {
		const client = new Redis(address);
		clients.push(client);
		return client;
	};
	const main = openBull([address]);
	const workers: OpenBull[] = [];
	let executions = 0;
	const add = async (count: number) => {
		for (let job = 0; job < count; job++)
			await main.queue.add('job', jobData(`${1_000_000 + executions++}`), jobOptions);
	};
	return {
		add,
		startWorkers: async () => {
			for (let index = 0; index < WORKERS; index++) {
				const worker = openBull([address]);
				workers.push(worker);
				void worker.queue.process('job', CONCURRENCY, async () => await delay(JOB_MS));
				timers.push(await beWorker(`worker-${index}`, connect(), connect()));
			}
			timers.push(setInterval(() => void add(1), JOB_MS / (WORKERS * CONCURRENCY)));
		},
		stop: async () => {
			for (const timer of timers) clearInterval(timer);
			for (const { queue, close } of [main, ...workers]) {
				await queue.pause(true, true);
				await close();
			}
			for (const client of clients) client.disconnect();
		},
	};
}

/** Is listed in the registry, and answers when it is asked how it is. @returns what reports it again and again. */
async function beWorker(hostId: string, listener: Redis, client: Redis): Promise<NodeJS.Timeout> {
	const instanceKey = randomUUID();
	const key = `n8n:{instance:}${instanceKey}`;
	const registeredAt = Date.now();
	const report = async () => {
		const entry = { instanceKey, hostId, instanceType: 'worker', version: '2.41.1' };
		const times = { registeredAt, lastSeen: Date.now() };
		await client.set(key, JSON.stringify({ ...entry, ...times }), 'PX', 2 * REPORT_EVERY_MS);
		await client.sadd('n8n:{instance:}members', key);
	};
	await report();
	await listener.subscribe('n8n:n8n.commands');
	listener.on('message', (_channel, text) => {
		const { requestingUserId } = (JSON.parse(text) as { payload: { requestingUserId: string } })
			.payload;
		const payload = {
			...{ requestingUserId, version: '2.41.1', hostname: hostId, interfaces: [] },
			...{ loadAvg: [0], cpus: '1x', freeMem: 1, totalMem: 2, runningJobsSummary: [] },
			process: { uptime: process.uptime(), memory: process.memoryUsage() },
		};
		const answer = JSON.stringify({ senderId: hostId, payload });
		void client.publish('n8n:n8n.worker-response', answer);
	});
	return setInterval(() => void report(), REPORT_EVERY_MS);
}
