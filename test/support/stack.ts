import { execFile } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { Redis } from 'ioredis';

import {
	type StackOptions,
	startTemporaryStack,
	type TemporaryStack,
} from '../../scripts/stack/index.ts';
import { bulwarkTarball } from './bulwark-tarball';
import { realN8n } from './real-n8n';
import { expectNoSecretsInFolder, metricsOf } from './n8n-secrets';
import { expectNoSecrets, keysAndValues, knowSecret } from './planted-secrets';
import { postgres, redisServer } from './system-program';

const run = promisify(execFile);

/** A dump of a test's database may have so many bytes. */
const MOST_DUMPED = 1024 * 1024 * 1024;

/** Starts a stack for tests, with Bulwark installed as users install it. Stop it in `afterAll`. */
export async function startTestStack(
	options: Pick<StackOptions, 'workers' | 'concurrency' | 'env' | 'workerEnv' | 'whenDead'>,
): Promise<TemporaryStack> {
	await installServerPrograms();
	const [n8n, tarball] = [await realN8n(), await bulwarkTarball()];
	const started = await startTemporaryStack({ n8n, tarballs: [tarball], ...options });
	return {
		...started,
		async stop() {
			try {
				await expectNoSecretsInStack(started);
			} finally {
				await started.stop();
			}
		},
	};
}

/** Lets apt install what a stack needs of the system, where it is missing. */
export async function installServerPrograms(): Promise<void> {
	await redisServer();
	await postgres();
}

/** Lets the secrets be found that a stack has made for itself. */
export async function knowSecretsOfStack(folder: string): Promise<Record<string, string>> {
	const text = await readFile(join(folder, 'secrets.json'), 'utf8');
	const secrets = JSON.parse(text) as Record<string, string>;
	for (const [name, secret] of Object.entries(secrets)) knowSecret(`the stack's ${name}`, secret);
	return secrets;
}

/** Looks into all that a stack keeps, and ends its processes. */
async function expectNoSecretsInStack({ stack, folder }: TemporaryStack): Promise<void> {
	const { postgresPassword } = await knowSecretsOfStack(folder);
	if (stack.login) knowSecret("the owner's password", stack.login.password);
	for (const { role, name, port, state } of stack.processes) {
		if (state === 'dead') continue;
		if (role === 'postgres') expectNoSecrets(name, await dumpOf(port, postgresPassword!));
		else if (role === 'redis') expectNoSecrets(name, await dataOf(stack.redis));
		else expectNoSecrets(`${name}'s metrics`, await metricsOf(`http://127.0.0.1:${port}`));
	}
	await stack.stop();
	await expectNoSecretsInFolder(folder);
}

/** All that n8n has stored: workflows, executions with their data, settings, users, encrypted credentials. */
async function dumpOf(port: number, password: string): Promise<Buffer> {
	// It lies beside the server, of which PATH may have a link alone.
	const server = await realpath(join(await postgres(), 'postgres'));
	const program = join(dirname(server), 'pg_dump');
	const args = ['--host=127.0.0.1', `--port=${port}`, '--username=n8n', '--data-only', 'postgres'];
	const env = { ...process.env, PGPASSWORD: password };
	const { stdout } = await run(program, args, {
		env,
		encoding: 'buffer',
		maxBuffer: MOST_DUMPED,
	});
	if (!stdout.includes('COPY public.execution_data')) throw new Error('No executions were dumped');
	return stdout;
}

async function dataOf({ host, port, password }: TemporaryStack['stack']['redis']): Promise<Buffer> {
	const client = new Redis({ host, port, password });
	const data = await keysAndValues(client);
	client.disconnect();
	return data;
}
