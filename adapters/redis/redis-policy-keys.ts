import { readClock } from '../../core/clocks';
import type {
	Clock,
	KeyPage,
	PolicyAddress,
	PolicyDefinition,
	PolicyKeys,
	SlotHolder,
	StatePage,
} from '../../core/ports';
import { explain } from './connection/explain';
import type { RedisConnection } from './connection/redis-connection';
import type { ScriptRunner } from './script-runner';
import type { StateKeys } from './state-keys';
import type { TurnedAway } from './turned-away';

/** Keys of the server that are looked at for one page. Lua can hand on a few thousand names at once. */
const LOOKED_AT = 1_000;

export interface RedisPolicyKeysSettings {
	readonly connection: Pick<RedisConnection, 'masters' | 'ready'>;
	readonly runner: ScriptRunner;
	readonly keys: StateKeys;
	readonly turnedAway: Pick<TurnedAway, 'list'>;
	readonly clock: Clock;
}

/** Finds the states of policies by the names of their keys. */
export class RedisPolicyKeys implements PolicyKeys {
	constructor(private readonly settings: RedisPolicyKeysSettings) {}

	async keysOf(policy: PolicyDefinition, after = '0'): Promise<KeyPage> {
		const { runner, keys } = this.settings;
		const base = keys.stateBase(policy);
		const args = [after, `${escaped(base)}*`, LOOKED_AT];
		const reply = await runner.run('scanKeys', [base], args);
		const [next, ...names] = reply as string[];
		const found = names.map((name) => keys.keyIn(name.slice(base.length), policy.kind));
		return { keys: [...new Set(found)], next: next === '0' ? undefined : next };
	}

	/** Looks at one master after the other. What moves between them meanwhile may be missing. */
	async states(after = '0:0'): Promise<StatePage> {
		const { connection, keys } = this.settings;
		const [number, cursor] = after.split(':') as [string, string];
		try {
			await connection.ready();
			const { masters } = connection;
			const master = masters[Number(number)];
			if (!master) return { states: [], next: undefined };
			const pattern = `${escaped(keys.policyBase)}*`;
			const [next, names] = await master.scan(cursor, 'MATCH', pattern, 'COUNT', LOOKED_AT);
			const behind = next === '0' ? `${Number(number) + 1}:0` : `${number}:${next}`;
			return {
				states: names.flatMap((name) => keys.addressIn(name) ?? []),
				next: Number(behind.split(':', 1)) < masters.length ? behind : undefined,
			};
		} catch (error) {
			throw explain(error);
		}
	}

	async turnedAwayLately(most: number): Promise<readonly PolicyAddress[]> {
		return await this.settings.turnedAway.list(most);
	}

	async holdersOf(
		policy: PolicyDefinition,
		key: string,
		most: number,
	): Promise<readonly SlotHolder[]> {
		if (policy.kind !== 'bulkhead') return [];
		const { runner, keys, clock } = this.settings;
		const { answer, at } = await readClock(
			clock,
			async () => await runner.run('findHolders', [keys.ofHolders(policy, key)], ['', most]),
		);
		const found = answer as string[];
		return found.flatMap((permitId, index) =>
			index % 2 === 0 ? [{ permitId, leaseUntil: Math.round(at + Number(found[index + 1])) }] : [],
		);
	}
}

/** As a pattern that matches itself. */
const escaped = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&');
