import { mkdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';

import { noteStarted, type Progress, type StateFolder } from '../cli/index.ts';
import { logInAsOwner } from '../demo/index.ts';
import {
	installPackages,
	MAIN,
	N8nClient,
	type N8nCommand,
	type N8nRole,
	WEBHOOK_PROCESSOR,
	worker,
} from '../n8n/index.ts';
import type { MemberChange, Role } from './member.ts';
import { n8nMember, userFolderOf } from './n8n-member.ts';
import { PortPool } from './port-pool.ts';
import { postgresMember } from './postgres-member.ts';
import { queueSettings } from './queue-settings.ts';
import { redisCredential } from './redis-credential.ts';
import { redisMember } from './redis-member.ts';
import { readSecrets } from './secrets.ts';
import type { ServerPrograms } from './server-programs.ts';
import { Stack } from './stack.ts';
import { Supervisor, type WhenDead } from './supervisor.ts';

const HOST = '127.0.0.1';
/** Workers are stopped first; what they have not ended by then, nobody else needs to wait for. */
const GRACE_AFTER_WORKERS = { N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '3' };

export interface StackOptions {
	n8n: N8nCommand;
	/** Packages to install, as paths of tarballs. */
	tarballs: readonly string[];
	programs: ServerPrograms;
	/** Keeps everything from start to start. */
	state: StateFolder;
	workers: number;
	/** How many executions a worker runs at a time. */
	concurrency: number;
	/** Port of n8n's main process; another where it is taken. Default: a free one. */
	port?: number;
	/** Port of the webhook processor; another where it is taken. Default: a free one. */
	webhookPort?: number;
	/** What to do about a worker or the webhook processor when it has died. Default `report`. */
	whenDead?: WhenDead;
	/** Further settings of all n8n processes. */
	env?: NodeJS.ProcessEnv;
	/** Told how a process is, at each change that nobody asked for. */
	onChange?: (change: MemberChange) => void;
	progress?: Pick<Progress, 'during'>;
	/** Stops what has been started so far; `startStack` then rejects. */
	signal?: AbortSignal;
}

/**
 * Starts Redis, Postgres, n8n's main process, a webhook processor and workers on free ports of
 * loopback; resolves when all are ready. Leaves nothing running when that fails.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
	const { signal, whenDead = 'report', onChange = () => undefined } = options;
	signal?.throwIfAborted();
	const supervisor = new Supervisor(whenDead, onChange);
	const stop = () => void supervisor.stop();
	signal?.addEventListener('abort', stop, { once: true });
	try {
		return await bringUp(options, supervisor);
	} catch (error) {
		await supervisor.stop();
		signal?.throwIfAborted();
		throw error;
	} finally {
		signal?.removeEventListener('abort', stop);
	}
}

async function bringUp(options: StackOptions, supervisor: Supervisor): Promise<Stack> {
	const { state, n8n, programs, concurrency, progress = { during: quietly } } = options;
	const secrets = await readSecrets(state);
	const ports = new PortPool();
	const common = async (name: string, program: string) => {
		const logFile = await newLog(state, name);
		const onSpawned = async (pid: number) => await noteStarted(state, pid, program);
		return { name, logFile, state, onSpawned, onChange: supervisor.onChange };
	};

	const redis = { host: HOST, port: await ports.take(), password: secrets.redisPassword };
	const postgres = { port: await ports.take(), password: secrets.postgresPassword };
	await progress.during('Starting Redis and Postgres', async () => {
		await supervisor.start(
			redisMember({
				...(await common('redis', 'redis-server')),
				program: programs.redisServer,
				address: redis,
			}),
			await postgresMember({
				...(await common('postgres', 'postgres')),
				...postgres,
				bin: programs.postgresBin,
				signal: supervisor.signal,
			}),
		);
	});

	const port = await ports.take(options.port);
	const webhookPort = await ports.take(options.webhookPort);
	const [editorUrl, webhookUrl] = [`http://${HOST}:${port}`, `http://${HOST}:${webhookPort}`];
	const settings = { redis, postgres, encryptionKey: secrets.encryptionKey, editorUrl, webhookUrl };
	const env = { ...queueSettings(settings), ...options.env };
	const n8nProcess = async (name: string, role: Role, n8nRole: N8nRole, itsPort: number) => {
		const brokerPort = await ports.take();
		const itsSetup = { ...(await common(name, 'n8n')), role, n8nRole, port: itsPort, brokerPort };
		const grace = role === 'worker' ? {} : GRACE_AFTER_WORKERS;
		return n8nMember({ ...itsSetup, n8n, env: { ...grace, ...env } });
	};
	let workers = 0;
	const newWorker = async () =>
		await n8nProcess(`worker-${++workers}`, 'worker', worker(concurrency), await ports.take());

	await progress.during(`Starting n8n ${n8n.version}`, async () => {
		const userFolder = userFolderOf(state, 'main');
		await mkdir(userFolder, { recursive: true, mode: 0o700 });
		await installPackages(userFolder, options.tarballs, supervisor.signal);
		await supervisor.start(await n8nProcess('main', 'main', MAIN, port));
	});
	const many = options.workers === 1 ? 'one worker' : `${options.workers} workers`;
	const others = `Starting a webhook processor and ${many}`;
	const client = new N8nClient(editorUrl);
	const access = await progress.during(others, async () => {
		const members = [await n8nProcess('webhook', 'webhook', WEBHOOK_PROCESSOR, webhookPort)];
		while (members.length <= options.workers) members.push(await newWorker());
		const logIn = async () => {
			const login = await logInAsOwner(client, state);
			const credential = login ? await redisCredential(client, state, redis) : undefined;
			return { login, redisCredential: credential };
		};
		const [known] = await Promise.all([logIn(), supervisor.start(...members)]);
		return known;
	});
	const addWorker = async () => {
		const added = await newWorker();
		await supervisor.start(added);
		return added.status;
	};
	return new Stack({ supervisor, client, webhookUrl, redis, addWorker, ...access });
}

/** An empty log for a process of that name. */
async function newLog(state: StateFolder, name: string): Promise<string> {
	await mkdir(state.file('logs'), { recursive: true });
	const file = state.file(join('logs', `${name}.log`));
	await truncate(file).catch(() => undefined);
	return file;
}

async function quietly<T>(
	_title: string,
	work: (detail: (text: string) => void) => Promise<T>,
): Promise<T> {
	return await work(() => undefined);
}
