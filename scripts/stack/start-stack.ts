import { mkdir } from 'node:fs/promises';

import { logInAsOwner } from '../demo/index.ts';
import { installPackages, N8nClient } from '../n8n/index.ts';
import { MemberFactory } from './member-factory.ts';
import { userFolderOf } from './n8n-member.ts';
import { redisCredential } from './redis-credential.ts';
import type { StackOptions } from './stack-options.ts';
import { Stack } from './stack.ts';
import { Supervisor } from './supervisor.ts';

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
	const { state, n8n, progress = { during: quietly } } = options;
	const members = await MemberFactory.create(options, supervisor);
	await progress.during('Starting Redis and Postgres', async () => {
		await supervisor.start(await members.redis(), await members.postgres());
	});
	await progress.during(`Starting n8n ${n8n.version}`, async () => {
		const userFolder = userFolderOf(state, 'main');
		await mkdir(userFolder, { recursive: true, mode: 0o700 });
		await installPackages(userFolder, options.tarballs, supervisor.signal);
		await supervisor.start(await members.main());
	});
	const client = new N8nClient(members.editorUrl);
	const many = options.workers === 1 ? 'one worker' : `${options.workers} workers`;
	const access = await progress.during(`Starting a webhook processor and ${many}`, async () => {
		const others = [await members.webhookProcessor()];
		while (others.length <= options.workers) others.push(await members.worker());
		const [known] = await Promise.all([logIn(), supervisor.start(...others)]);
		return known;
	});
	const { redisAddress: redis, postgresAddress: postgres, webhookUrl, n8nSettings } = members;
	const addresses = { redis, postgres, webhookUrl };
	return new Stack({ supervisor, client, ...addresses, n8nSettings, addWorker, ...access });

	async function logIn() {
		const login = await logInAsOwner(client, state);
		if (!login) return { login, redisCredential: undefined };
		return { login, redisCredential: await redisCredential(client, state, members.redisAddress) };
	}

	async function addWorker() {
		const added = await members.worker();
		await supervisor.start(added);
		return added.status;
	}
}

async function quietly<T>(
	_title: string,
	work: (detail: (text: string) => void) => Promise<T>,
): Promise<T> {
	return await work(() => undefined);
}
