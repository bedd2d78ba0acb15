import { LastUsed } from '../../core/last-used';
import { optionsSchemas } from '../../core/policies/define';
import type { Clock, PolicyAddress } from '../../core/ports';
import { explain } from './connection/explain';
import type { RedisConnection } from './connection/redis-connection';
import type { StateKeys } from './state-keys';

/** How long a state is told of after it was noted last, in ms. */
const KEPT_MS = 60 * 60_000;

/** How often a process notes a state again, in ms. */
const NOTED_EVERY_MS = 60_000;

/** States that a process notes a second at most: others are noted when they turn the next call away. */
const NOTED_A_SECOND = 100;

/** States that are listed for all processes, and that a process remembers to have noted. */
const MOST = 10_000;

/** Characters of a state's name and key. With more it is found by its key on the server only. */
const LONGEST = 1_000;

/**
 * Which states turn calls away, noted by those who are told so: so that who watches all finds them at once, however many
 * keys there are besides. A call that is let pass costs nothing, and no call waits for it.
 */
export class TurnedAway {
	/** By member of the list. */
	private readonly noted = new LastUsed<number>(MOST);
	private second = 0;
	private inSecond = 0;

	constructor(
		private readonly connection: Pick<RedisConnection, 'client' | 'ready'>,
		private readonly keys: StateKeys,
		private readonly clock: Pick<Clock, 'now'>,
	) {}

	/** Never fails a call. */
	note({ kind, name, key }: PolicyAddress): void {
		const now = this.clock.now();
		const member = JSON.stringify([kind, name, key]);
		const last = this.noted.get(member);
		if (last !== undefined && Math.abs(now - last) < NOTED_EVERY_MS) return;
		if (member.length > LONGEST || !this.mayNote(now)) return;
		this.noted.set(member, now);
		this.send(now, member).catch(() => this.noted.delete(member));
	}

	/**
	 * Those noted last come first.
	 * @throws {StoreError}
	 */
	async list(most: number): Promise<readonly PolicyAddress[]> {
		const { connection, keys, clock } = this;
		try {
			await connection.ready();
			const members = await connection.client.zrevrangebyscore(
				keys.turnedAway,
				'+inf',
				clock.now() - KEPT_MS,
				'LIMIT',
				0,
				most,
			);
			return members.flatMap(addressOf);
		} catch (error) {
			throw explain(error);
		}
	}

	private mayNote(now: number): boolean {
		const second = Math.floor(now / 1_000);
		if (second !== this.second) [this.second, this.inSecond] = [second, 0];
		return this.inSecond++ < NOTED_A_SECOND;
	}

	private async send(now: number, member: string): Promise<void> {
		const { client } = this.connection;
		const key = this.keys.turnedAway;
		await Promise.all([
			client.zadd(key, now, member),
			client.zremrangebyrank(key, 0, -1 - MOST),
			client.pexpire(key, KEPT_MS),
		]);
	}
}

/** Another version may note what this one does not know. */
function addressOf(member: string): PolicyAddress[] {
	try {
		const [kind, name, key] = JSON.parse(member) as [PolicyAddress['kind'], string, string];
		return kind in optionsSchemas ? [{ kind, name, key }] : [];
	} catch {
		return [];
	}
}
