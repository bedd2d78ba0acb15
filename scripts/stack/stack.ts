import type { CredentialReference, Login, N8nClient } from '../n8n/index.ts';
import type { MemberStatus } from './member.ts';
import type { PostgresAddress } from './postgres-address.ts';
import type { RedisAddress } from './redis.ts';
import type { Supervisor } from './supervisor.ts';

export interface StackParts {
	supervisor: Supervisor;
	client: N8nClient;
	webhookUrl: string;
	redis: RedisAddress;
	postgres: PostgresAddress;
	login: Login | undefined;
	redisCredential: CredentialReference | undefined;
	addWorker: () => Promise<MemberStatus>;
	n8nSettings: NodeJS.ProcessEnv;
}

/** Redis, Postgres and the n8n processes of one queue, as long as they run. */
export class Stack {
	/** n8n's API and editor, by its main process; logged in where `login` is known. */
	readonly client: N8nClient;

	/** Where webhooks are called: the webhook processor. */
	readonly webhookUrl: string;

	readonly redis: RedisAddress;

	readonly postgres: PostgresAddress;

	/** The owner's account; undefined when its password is no longer the one that was made for it. */
	readonly login: Login | undefined;

	/** n8n's own credential for that Redis; undefined together with `login`. */
	readonly redisCredential: CredentialReference | undefined;

	/** Starts one more worker; resolves when it is ready. */
	readonly addWorker: () => Promise<MemberStatus>;

	/** Settings that all n8n processes share. */
	readonly n8nSettings: NodeJS.ProcessEnv;

	private readonly supervisor: Supervisor;

	constructor(parts: StackParts) {
		this.client = parts.client;
		this.webhookUrl = parts.webhookUrl;
		this.redis = parts.redis;
		this.postgres = parts.postgres;
		this.login = parts.login;
		this.redisCredential = parts.redisCredential;
		this.addWorker = parts.addWorker;
		this.n8nSettings = parts.n8nSettings;
		this.supervisor = parts.supervisor;
	}

	/** All processes, dead ones included, in the order in which they were started. */
	get processes(): MemberStatus[] {
		return this.supervisor.statuses;
	}

	get workers(): MemberStatus[] {
		return this.processes.filter(({ role }) => role === 'worker');
	}

	/** Resolves with a process that ended by itself and that nothing works without. */
	get broken(): Promise<MemberStatus> {
		return this.supervisor.broken;
	}

	/** Ends a process as a crash would; resolves when it is gone. `name` is as in `processes`. */
	async kill(name: string): Promise<void> {
		await this.supervisor.find(name)?.kill();
	}

	/** Stops everything: workers first end what they run. Nothing is left when it resolves. */
	async stop(): Promise<void> {
		await this.supervisor.stop();
	}
}
