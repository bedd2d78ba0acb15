import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { isProcessAlive, N8nClient, pollUntil } from '../../scripts/n8n/index.ts';
import { connectToStarted, doctorOfStarted } from '../support/mcp/started-server';
import { realN8n } from '../support/real-n8n';
import { expectNoSecretsOfN8n } from '../support/n8n-secrets.ts';
import { knowSecret } from '../support/planted-secrets/index.ts';

const PROJECT = resolve(__dirname, '../..');
const MINUTE = 60_000;

/** `npm start` as a process of its own, with a folder of its own. */
class Start {
	output = '';

	private readonly child: ChildProcess;

	/** Its exit code, once it has ended. */
	readonly ended: Promise<number | null>;

	constructor(folder: string) {
		this.child = spawn(process.execPath, ['scripts/start/start.mjs'], {
			cwd: PROJECT,
			env: { ...process.env, BULWARK_FOLDER: folder, NODE_ENV: undefined },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const read = (text: string) => (this.output += text);
		this.child.stdout?.setEncoding('utf8').on('data', read);
		this.child.stderr?.setEncoding('utf8').on('data', read);
		this.ended = new Promise((done) => this.child.once('exit', done));
	}

	/** The first URL that it prints. */
	async url(): Promise<string> {
		const look = () => {
			if (this.child.exitCode !== null) throw new Error(this.output);
			return /http:\/\/127\.0\.0\.1:\d+(?=\s)/.exec(this.output)?.[0];
		};
		return await pollUntil(look, { what: 'a URL', timeoutMs: 5 * MINUTE });
	}

	/** Waits until it has printed that. */
	async says(text: string): Promise<void> {
		const look = () => (this.output.includes(text) ? true : undefined);
		await pollUntil(look, { what: `"${text}"`, timeoutMs: MINUTE });
	}

	async interrupt(): Promise<number | null> {
		this.child.kill('SIGINT');
		return await this.ended;
	}

	end(): void {
		if (this.child.exitCode === null) this.child.kill('SIGTERM');
	}
}

let folder: string;
let start: Start;

beforeAll(async () => {
	await realN8n();
	folder = await mkdtemp(join(tmpdir(), 'bulwark-start-'));
});
afterEach(() => start.end());
afterAll(async () => {
	try {
		const { password } = await readJson<{ password: string }>('login.json');
		knowSecret("the owner's password", password);
		await expectNoSecretsOfN8n(folder);
	} finally {
		await rm(folder, { recursive: true, force: true, maxRetries: 3 });
	}
});

const readJson = async <T>(name: string) =>
	JSON.parse(await readFile(join(folder, name), 'utf8')) as T;

describe('npm start', () => {
	it("brings up n8n with Bulwark and the prebuilt workflows, names n8n's URL first, stops on Ctrl-C", async () => {
		start = new Start(folder);
		const url = await start.url();
		expect((await fetch(`${url}/healthz/readiness`)).ok).toBe(true);

		const { mode } = await stat(join(folder, 'login.json'));
		expect(mode & 0o777).toBe(0o600);
		const client = new N8nClient(url);
		await client.login(await readJson('login.json'));
		const types = await client.connection.rest<Array<{ name: string }>>('POST', '/node-types', {
			nodeInfos: [{ name: 'n8n-nodes-bulwark.retry', version: 1 }],
		});
		expect(types).toMatchObject([{ displayName: 'Retry' }]);
		const workflows = await client.connection.rest<Array<{ name: string }>>('GET', '/workflows');
		expect(workflows.map(({ name }) => name)).toContain('Protect a flaky API');

		await start.says('Ctrl-C stops everything');
		const { started } = await readJson<{ started: Array<{ pid: number }> }>('run.json');
		// n8n, and the MCP server.
		expect(started).toHaveLength(2);
		const assistant = await connectToStarted(start.output);
		expect((await assistant.tools()).map(({ name }) => name)).toContain('list_policies');
		const health = await assistant.call('get_health');
		expect(health.text).toContain('Not known:\n- the queue and its workers: no Redis');
		const lint = await assistant.call('lint_configuration');
		expect(lint.text).not.toContain("n8n's settings:");
		const lost = await assistant.call('find_lost_executions');
		expect(lost.text).not.toContain('Not known');
		await assistant.close();
		expect(await doctorOfStarted(start.output)).toMatchObject({ isSound: true });
		expect(await start.interrupt()).toBe(0);
		expect(started.filter(({ pid }) => isProcessAlive(pid))).toEqual([]);
		await expect(fetch(url)).rejects.toThrow();
	});

	it('imports nothing again on the second start, and refuses a third beside it', async () => {
		start = new Start(folder);
		await start.url();
		const third = new Start(folder);
		expect(await third.ended).toBe(1);
		expect(third.output).toContain('already running');
		await start.says('Ctrl-C stops everything');
		expect(start.output).not.toContain('Imported');
		expect(await start.interrupt()).toBe(0);
	});
});
