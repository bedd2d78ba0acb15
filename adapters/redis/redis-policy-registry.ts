import { optionsSchemas } from '../../core/policies/define';
import {
	ENTRY_KEPT_MS,
	LONGEST_PAGE,
	MOST_ENTRIES,
	MOST_LISTED,
	registeredPolicy,
} from '../../core/policy-registry';
import type {
	Clock,
	PageRequest,
	PolicyDefinition,
	PolicyEntry,
	PolicyKind,
	PolicyPlace,
	PolicyRegistry,
	RegisteredPolicy,
	RegistryPage,
} from '../../core/ports';
import type { AskInTime } from '../../core/store-outage';
import { explain } from './connection/explain';
import type { RedisConnection } from './connection/redis-connection';
import { policyOfStored } from './policy-of-stored';
import type { Argument, ScriptRunner } from './script-runner';
import type { StateKeys } from './state-keys';
import { asGiven, wellFormed } from './well-formed';

export interface RedisPolicyRegistrySettings {
	readonly connection: Pick<RedisConnection, 'client' | 'ready'>;
	readonly runner: ScriptRunner;
	readonly keys: StateKeys;
	readonly clock: Clock;
	/** By keys. */
	readonly askOf: (key: string) => AskInTime;
	/** Goes by `clock` in place of the server's: for tests. */
	readonly isTimeOwn?: boolean;
}

interface StoredDefinition {
	readonly title: string;
	readonly options: Readonly<Record<string, unknown>>;
}

/** Which policies steps of all processes define. */
export class RedisPolicyRegistry implements PolicyRegistry {
	constructor(private readonly settings: RedisPolicyRegistrySettings) {}

	async note(policy: PolicyDefinition, by: PolicyPlace): Promise<RegisteredPolicy> {
		const { runner, keys, askOf } = this.settings;
		const { kind, name, options } = policy;
		const key = keys.ofDefinitions(kind, name);
		const definition = JSON.stringify({ title: by.title, options } satisfies StoredDefinition);
		const args = [this.testTime(), by.id, definition, ENTRY_KEPT_MS, MOST_ENTRIES];
		const [reply] = await askOf(key)(() =>
			Promise.all([runner.run('notePolicy', [key], args), this.addToList(memberOf(kind, name))]),
		);
		return registeredPolicy(entriesOf(kind, name, reply as string[]))!;
	}

	async find(kind: PolicyKind, name: string): Promise<RegisteredPolicy | undefined> {
		const { runner, keys, askOf } = this.settings;
		const key = keys.ofDefinitions(kind, name);
		const args = [this.testTime(), ENTRY_KEPT_MS];
		const reply = await askOf(key)(() => runner.run('findPolicy', [key], args));
		return registeredPolicy(entriesOf(kind, name, reply as string[]));
	}

	async list({ after = '', limit }: PageRequest): Promise<RegistryPage> {
		const members = (await this.members()).filter((member) => member > after);
		const page = members.slice(0, Math.min(limit, LONGEST_PAGE));
		const found = await Promise.all(page.map((member) => this.find(...partsOf(member))));
		const gone = page.filter((_member, index) => !found[index]);
		if (gone.length > 0) {
			await this.dropFromList(gone);
			// What is gone must not make a page short.
			return await this.list({ after, limit });
		}
		return {
			policies: found as RegisteredPolicy[],
			next: page.length < members.length ? page.at(-1) : undefined,
		};
	}

	async names(kind: PolicyKind): Promise<string[]> {
		const parts = (await this.members()).map(partsOf);
		return parts.filter(([of]) => of === kind).map(([, name]) => name);
	}

	/** The list is on another node of a cluster, so it cannot be part of the script. */
	private async addToList(member: string): Promise<void> {
		const { keys, clock } = this.settings;
		const key = keys.definedPolicies;
		await this.tell((client) =>
			Promise.all([
				client.zadd(key, clock.now(), member),
				client.zremrangebyrank(key, 0, -1 - MOST_LISTED),
				client.pexpire(key, ENTRY_KEPT_MS),
			]),
		);
	}

	private async dropFromList(members: readonly string[]): Promise<void> {
		const { keys, askOf } = this.settings;
		const key = keys.definedPolicies;
		await askOf(key)(() => this.tell((client) => client.zrem(key, ...members)));
	}

	private async members(): Promise<string[]> {
		const { keys, clock, askOf } = this.settings;
		const key = keys.definedPolicies;
		const [, members] = await askOf(key)(() =>
			this.tell((client) =>
				Promise.all([
					client.zremrangebyscore(key, '-inf', String(clock.now() - ENTRY_KEPT_MS)),
					client.zrange(key, 0, '-1'),
				]),
			),
		);
		return members.filter((member) => partsOf(member)[0] in optionsSchemas).sort();
	}

	/** @throws {StoreError} */
	private async tell<Answer>(
		commands: (client: RedisConnection['client']) => Promise<Answer>,
	): Promise<Answer> {
		const { connection } = this.settings;
		try {
			await connection.ready();
			return await commands(connection.client);
		} catch (error) {
			throw explain(error);
		}
	}

	private testTime(): Argument {
		return this.settings.isTimeOwn ? this.settings.clock.now() : '';
	}
}

const memberOf = (kind: PolicyKind, name: string): string => `${kind}:${wellFormed(name)}`;

function partsOf(member: string): [kind: PolicyKind, name: string] {
	const end = member.indexOf(':');
	return [member.slice(0, end) as PolicyKind, asGiven(member.slice(end + 1))];
}

/** From the answer of a script: place by place its id, then when it was noted, a blank and its definition. */
function entriesOf(kind: PolicyKind, name: string, reply: readonly string[]): PolicyEntry[] {
	const entries: PolicyEntry[] = [];
	for (let index = 0; index < reply.length; index += 2) {
		const text = reply[index + 1]!;
		const blank = text.indexOf(' ');
		try {
			const { title, options } = JSON.parse(text.slice(blank + 1)) as StoredDefinition;
			const [by, notedAt] = [{ id: reply[index]!, title }, Number(text.slice(0, blank))];
			entries.push({ policy: policyOfStored(kind, name, options), by, notedAt });
		} catch {
			// Another version may have options that this one cannot go by.
		}
	}
	return entries;
}
