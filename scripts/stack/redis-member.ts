import { mkdir } from 'node:fs/promises';

import type { StateFolder } from '../cli/index.ts';
import { Member, type MemberSetup } from './member.ts';
import { answersPing, type RedisAddress, startRedis } from './redis.ts';

export interface RedisMemberSetup extends Pick<
	MemberSetup,
	'name' | 'logFile' | 'onSpawned' | 'onChange'
> {
	state: StateFolder;
	/** Path of redis-server. */
	program: string;
	address: RedisAddress;
}

/** The stack's Redis: n8n's queue, and the steps' shared state. */
export function redisMember(setup: RedisMemberSetup): Member {
	const { state, program, address, logFile } = setup;
	const folder = state.file('redis');
	return new Member({
		...setup,
		role: 'redis',
		port: address.port,
		launch: async (onSpawned, signal) => {
			await mkdir(folder, { recursive: true, mode: 0o700 });
			return await startRedis({ ...address, program, folder, logFile, onSpawned, signal });
		},
		answers: async () => await answersPing(address),
	});
}
