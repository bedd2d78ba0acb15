import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { isProcessAlive, N8nClient, pollUntil } from '../../scripts/n8n/index.ts';
import { connectToStarted, doctorOfStarted } from '../support/mcp/started-server';
import { realN8n } from '../support/real-n8n';
import { expectNoSecretsInFolder } from '../support/n8n-secrets';
import { expectNoSecrets, knowSecret } from '../support/planted-secrets';
import { installServerPrograms, knowSecretsOfStack } from '../support/stack';

const PROJECT = resolve(__dirname, '../..');
const MINUTE = 60_000;

interface Row {
	pid: number;
	port: number;
	state: string;
}

/** `npm run stack` as a process of its own, with a folder of its own. */
class StackCommand {
	output = '';

	private readonly child: ChildProcess;

	/** Its exit code, once it has ended. */
	readonly ended: Promise<number | null>;

	constructor(...args: string[]) {
		this.child = spawn(process.execPath, ['scripts/stack/stack.mjs', ...args], {
			cwd: PROJECT,
			env: { ...process.env, BULWARK_STACK_FOLDER: folder, NODE_ENV: undefined },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const read = (text: string) => (this.output += text);
		this.child.stdout?.setEncoding('utf8').on('data', read);
		this.child.stderr?.setEncoding('utf8').on('data', read);
		this.ended = new Promise((done) => this.child.once('exit', done));
	}

	/** Waits until it has printed that. */
	async says(text: string | RegExp): Promise<void> {
		const look = () => {
			const isThere =
				typeof text === 'string' ? this.output.includes(text) : text.test(this.output);
			if (!isThere && this.child.exitCode !== null) throw new Error(this.output);
			return isThere ? true : undefined;
		};
		await pollUntil(look, { what: `"${text}"`, timeoutMs: 5 * MINUTE });
	}

	/** What the latest list of processes says, by name. */
	get shown(): Record<string, Row> {
		const list = this.output.slice(this.output.lastIndexOf('process '));
		const rows = list.matchAll(/^ {2}(\S+) +(\d+) +(\d+) +(\S.*)$/gm);
		return Object.fromEntries(
			[...rows].map(([, name, pid, port, state]) => [
				name!,
				{ pid: Number(pid), port: Number(port), state: state! },
			]),
		);
	}

	async interrupt(): Promise<number | null> {
		this.child.kill('SIGINT');
		return await this.ended;
	}

	/** For a test that has failed. */
	async end(): Promise<void> {
		if (this.child.exitCode === null) this.child.kill('SIGTERM');
		await this.ended;
	}
}

let folder: string;
let stack: StackCommand;

beforeAll(async () => {
	await realN8n();
	await installServerPrograms();
	folder = await mkdtemp(join(tmpdir(), 'bulwark-stack-command-'));
});
afterEach(async () => await stack?.end());
afterAll(async () => {
	const { folder: data } = await readJson<{ folder: string }>('postgres.json');
	try {
		await knowSecretsOfStack(folder);
		expectNoSecrets('what the stack has printed', stack.output);
		// It prints this one, for a person to log in with.
		const { password } = await readJson<{ password: string }>('login.json');
		knowSecret("the owner's password", password);
		await expectNoSecretsInFolder(folder);
	} finally {
		for (const path of [data, folder])
			await rm(path, { recursive: true, force: true, maxRetries: 3 });
	}
});

const readJson = async <T>(name: string) =>
	JSON.parse(await readFile(join(folder, name), 'utf8')) as T;

/** Process ids of all that the stack has started so far. */
const started = async (): Promise<number[]> =>
	(await readJson<{ started: Array<{ pid: number }> }>('run.json')).started.map(({ pid }) => pid);

describe('npm run stack', () => {
	it('leaves nothing when it is stopped while it starts', async () => {
		stack = new StackCommand('--workers', '2');
		const pids = await pollUntil(
			async () => {
				const known = await started().catch(() => []);
				return known.length === 3 ? known : undefined;
			},
			{ what: 'Redis, Postgres and n8n', timeoutMs: 3 * MINUTE, everyMs: 50 },
		);
		expect(await stack.interrupt()).toBe(130);
		expect(pids.filter(isProcessAlive)).toEqual([]);
	});

	it('runs workflows on its workers, shows one that dies, and leaves nothing', async () => {
		stack = new StackCommand('--workers', '2');
		await stack.says('Ctrl-C stops everything');
		const shown = stack.shown;
		expect(Object.keys(shown)).toEqual([
			...['redis', 'postgres', 'main', 'webhook'],
			...['worker-1', 'worker-2'],
		]);
		expect(Object.values(shown).map(({ state }) => state)).toEqual(Array(6).fill('ready'));
		const pids = await started();
		// The MCP server is none of n8n's stack.
		expect(pids).toHaveLength(7);
		expect(pids).toEqual(expect.arrayContaining(Object.values(shown).map(({ pid }) => pid)));
		const { isSound, findings } = await doctorOfStarted(stack.output);
		const notReached = findings.filter(({ status }) => status !== 'reached');
		expect([isSound, notReached.map(({ source }) => source)]).toEqual([true, ['tokens']]);
		const assistant = await connectToStarted(stack.output);
		expect((await assistant.tools()).map(({ name }) => name)).toContain('list_policies');
		const { structured } = await assistant.call('lint_configuration');
		expect(structured.unknown.map(({ source }: any) => source)).not.toContain("n8n's settings");
		await assistant.close();

		const webhooks = new N8nClient(`http://127.0.0.1:${shown.webhook!.port}`);
		const response = await webhooks.callWebhook('bulwark/queue/bulkhead?ms=50');
		expect(response.status).toBe(200);
		expect(await response.json()).toMatchObject([{ ok: true, inFlight: 1 }]);
		const logs = await Promise.all(
			['worker-1', 'worker-2'].map(
				async (name) => await readFile(join(folder, 'logs', `${name}.log`), 'utf8'),
			),
		);
		expect(logs.join()).toContain('Worker started execution');

		process.kill(shown['worker-1']!.pid, 'SIGKILL');
		await stack.says(/worker-1 .* is dead: ended by SIGKILL/);
		await stack.says(/worker-1 .* dead \(ended by SIGKILL\)\n/);
		expect(stack.shown['worker-2']!.state).toBe('ready');
		expect((await webhooks.callWebhook('bulwark/queue/bulkhead?ms=50')).status).toBe(200);

		expect(await stack.interrupt()).toBe(0);
		expect(pids.filter(isProcessAlive)).toEqual([]);
		await expect(fetch(webhooks.url)).rejects.toThrow();
	});
});
