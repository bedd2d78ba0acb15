import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

import { bundleProgram, type ProgramFile } from '../../support/bundle-program';
import { longLeasedLimiter } from '../../support/long-leased-limiter';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';
import type { LeasingPlan } from './leasing-process/plan';

const CALLS = 20;

let server: RedisServer;
let own: OpenStore;
let program: ProgramFile;
let child: ChildProcess;

beforeAll(async () => {
	[server, program] = await Promise.all([
		startRedis(),
		bundleProgram(join(__dirname, 'leasing-process/program.ts')),
	]);
	own = openStore(standalone(server.port));
	await own.connection.ready();
});

afterEach(async () => {
	const isOver = child.exitCode !== null || child.signalCode !== null;
	child.kill('SIGKILL');
	if (!isOver) await once(child, 'exit');
	await own.connection.client.flushall();
});

afterAll(async () => {
	own.close();
	await program.remove();
	await server.stop();
});

async function remaining(): Promise<number | undefined> {
	const { kind, name } = longLeasedLimiter;
	const snapshot = await own.store.inspect({ kind, name, key: '' });
	return snapshot?.figures.remaining;
}

/** A process that has made its calls, and has permits left. */
async function startProcess(endsByItself: boolean): Promise<void> {
	const plan: LeasingPlan = { port: server.port, calls: CALLS, endsByItself };
	// The bundle is somewhere else.
	const env = { ...process.env, NODE_PATH: resolve(__dirname, '../../../node_modules') };
	child = fork(program.path, [JSON.stringify(plan)], { env });
	await Promise.race([once(child, 'message'), once(child, 'exit')]);
	expect(await remaining()).toBeLessThan(longLeasedLimiter.options.burst - CALLS);
}

/** The code or the signal that it ended with. */
const ending = () => once(child, 'exit', { signal: AbortSignal.timeout(10_000) });

it('gives back unused permits when n8n ends, and takes none for the calls that it still makes', async () => {
	await startProcess(true);
	child.kill('SIGTERM');
	expect(await ending()).toEqual([0, null]);
	expect(await remaining()).toBe(longLeasedLimiter.options.burst - 2 * CALLS);
});

it.each(['SIGTERM', 'SIGINT'] as const)(
	'gives them back when %s ends a process that does not listen to it, which it still does',
	async (signal) => {
		await startProcess(false);
		child.kill(signal);
		expect(await ending()).toEqual([null, signal]);
		expect(await remaining()).toBe(longLeasedLimiter.options.burst - CALLS);
	},
);

it('ends at once all the same while Redis does not answer', async () => {
	await startProcess(false);
	server.process.kill('SIGSTOP');
	try {
		const from = performance.now();
		child.kill('SIGTERM');
		expect(await ending()).toEqual([null, 'SIGTERM']);
		expect(performance.now() - from).toBeLessThan(2_000);
	} finally {
		server.process.kill('SIGCONT');
	}
});
