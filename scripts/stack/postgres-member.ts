import { rm } from 'node:fs/promises';

import type { StateFolder } from '../cli/index.ts';
import { Member, type MemberSetup } from './member.ts';
import { createCluster, isPostgresReady, startPostgres } from './postgres.ts';
import { keepPostgresFolder, knownPostgresFolder, newPostgresFolder } from './postgres-folder.ts';
import { postgresUser } from './postgres-user.ts';

export interface PostgresMemberSetup extends Pick<
	MemberSetup,
	'name' | 'port' | 'logFile' | 'onSpawned' | 'onChange'
> {
	state: StateFolder;
	/** Folder with initdb and postgres. */
	bin: string;
	/** Of the database's owner, should the database have to be made. */
	password: string;
	signal: AbortSignal;
}

/** The stack's Postgres: n8n's database, made at the first start. */
export async function postgresMember(setup: PostgresMemberSetup): Promise<Member> {
	const { state, bin, port, password, logFile } = setup;
	const user = await postgresUser(process.env);
	const folder = (await knownPostgresFolder(state)) ?? (await newCluster());
	return new Member({
		...setup,
		role: 'postgres',
		launch: async (onSpawned, signal) =>
			await startPostgres({ bin, folder, port, user, logFile, onSpawned, signal }),
		answers: async (pid) => await isPostgresReady(folder, pid),
	});

	async function newCluster(): Promise<string> {
		const place = await newPostgresFolder(state, user);
		try {
			await createCluster({ bin, folder: place, user, signal: setup.signal }, password);
		} catch (error) {
			await rm(place, { recursive: true, force: true });
			throw error;
		}
		await keepPostgresFolder(state, place);
		return place;
	}
}
