import { mkdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';

import { noteStarted } from '../cli/index.ts';
import { MAIN, type N8nRole, WEBHOOK_PROCESSOR, worker } from '../n8n/index.ts';
import type { Member, Role } from './member.ts';
import { n8nMember } from './n8n-member.ts';
import { PortPool } from './port-pool.ts';
import { POSTGRES_DATABASE, POSTGRES_ROLE } from './postgres.ts';
import type { PostgresAddress } from './postgres-address.ts';
import { postgresMember } from './postgres-member.ts';
import { queueSettings } from './queue-settings.ts';
import type { RedisAddress } from './redis.ts';
import { redisMember } from './redis-member.ts';
import { readSecrets, type Secrets } from './secrets.ts';
import type { StackOptions } from './stack-options.ts';
import type { Supervisor } from './supervisor.ts';

const HOST = '127.0.0.1';
/** Workers are stopped first; what they have not ended by then, nobody else needs to wait for. */
const GRACE_AFTER_WORKERS = { N8N_GRACEFUL_SHUTDOWN_TIMEOUT: '3' };

type Ports = Record<'redis' | 'postgres' | 'main' | 'webhook', number>;

/** Makes the processes of one stack, which know of each other by their ports and passwords. It starts none. */
export class MemberFactory {
	private readonly options: StackOptions;

	private readonly supervisor: Supervisor;

	private readonly secrets: Secrets;

	private readonly pool: PortPool;

	private readonly ports: Ports;

	private workers = 0;

	private constructor(
		options: StackOptions,
		supervisor: Supervisor,
		secrets: Secrets,
		pool: PortPool,
		ports: Ports,
	) {
		this.options = options;
		this.supervisor = supervisor;
		this.secrets = secrets;
		this.pool = pool;
		this.ports = ports;
	}

	static async create(options: StackOptions, supervisor: Supervisor): Promise<MemberFactory> {
		const secrets = await readSecrets(options.state);
		const pool = new PortPool();
		const ports = {
			redis: await pool.take(),
			postgres: await pool.take(),
			main: await pool.take(options.port),
			webhook: await pool.take(options.webhookPort),
		};
		return new MemberFactory(options, supervisor, secrets, pool, ports);
	}

	get redisAddress(): RedisAddress {
		return { host: HOST, port: this.ports.redis, password: this.secrets.redisPassword };
	}

	get postgresAddress(): PostgresAddress {
		return { host: HOST, database: POSTGRES_DATABASE, user: POSTGRES_ROLE, ...this.database };
	}

	get editorUrl(): string {
		return `http://${HOST}:${this.ports.main}`;
	}

	get webhookUrl(): string {
		return `http://${HOST}:${this.ports.webhook}`;
	}

	async redis(): Promise<Member> {
		const program = this.options.programs.redisServer;
		const common = await this.common('redis', 'redis-server');
		return redisMember({ ...common, program, address: this.redisAddress });
	}

	/** Makes the database too, when there is none. */
	async postgres(): Promise<Member> {
		return await postgresMember({
			...(await this.common('postgres', 'postgres')),
			...this.database,
			bin: this.options.programs.postgresBin,
			signal: this.supervisor.signal,
		});
	}

	async main(): Promise<Member> {
		return await this.n8n('main', 'main', MAIN, this.ports.main);
	}

	async webhookProcessor(): Promise<Member> {
		return await this.n8n('webhook', 'webhook', WEBHOOK_PROCESSOR, this.ports.webhook);
	}

	/** The next worker. */
	async worker(): Promise<Member> {
		const name = `worker-${++this.workers}`;
		const role = worker(this.options.concurrency);
		return await this.n8n(name, 'worker', role, await this.pool.take());
	}

	private get database(): { port: number; password: string } {
		return { port: this.ports.postgres, password: this.secrets.postgresPassword };
	}

	/** Settings that all n8n processes share. */
	get n8nSettings(): NodeJS.ProcessEnv {
		const settings = queueSettings({
			redis: this.redisAddress,
			postgres: this.database,
			encryptionKey: this.secrets.encryptionKey,
			editorUrl: this.editorUrl,
			webhookUrl: this.webhookUrl,
		});
		return { ...settings, ...this.options.env };
	}

	private async n8n(name: string, role: Role, n8nRole: N8nRole, port: number): Promise<Member> {
		const grace = role === 'worker' ? {} : GRACE_AFTER_WORKERS;
		const own =
			role === 'worker' ? await this.options.workerEnv?.(name, this.redisAddress) : undefined;
		return n8nMember({
			...(await this.common(name, 'n8n')),
			...{ n8n: this.options.n8n, role, n8nRole, port },
			brokerPort: await this.pool.take(),
			// All of them are on one machine.
			env: { BULWARK_WORKER: name, ...grace, ...this.n8nSettings, ...own },
		});
	}

	/** What all processes have, and an empty log. */
	private async common(name: string, program: string) {
		const { state } = this.options;
		await mkdir(state.file('logs'), { recursive: true });
		const logFile = state.file(join('logs', `${name}.log`));
		await truncate(logFile).catch(() => undefined);
		const onSpawned = async (pid: number) => await noteStarted(state, pid, program);
		return { name, logFile, state, onSpawned, onChange: this.supervisor.onChange };
	}
}
