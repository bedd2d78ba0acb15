import type { RecoveryRecord, RecoveryRecordPage, RecoveryRecords } from '../../core/ports';
import type { RedisConnection } from './connection/redis-connection';
import { explain } from './connection/explain';
import type { ScriptRunner } from './script-runner';
import type { StateKeys } from './state-keys';

/** In ms: longer than anyone comes back to an execution. */
const KEPT_MS = 30 * 24 * 3_600_000;

const MOST_LISTED = 10_000;

/** Attempts to bring executions back, in Redis, where all replicas find them. */
export class RedisRecoveryRecords implements RecoveryRecords {
	constructor(
		private readonly connection: Pick<RedisConnection, 'client' | 'ready'>,
		private readonly runner: ScriptRunner,
		private readonly keys: StateKeys,
	) {}

	async save(record: RecoveryRecord, seenClaimId: string | undefined): Promise<boolean> {
		const { executionId, attempt, claimId, claimedAt } = record;
		const text = `${claimId} ${JSON.stringify(record)}`;
		const args = ['', attempt, seenClaimId ?? '', text, KEPT_MS];
		const key = this.keys.ofRecoveries(executionId);
		const isSaved = (await this.runner.run('saveRecovery', [key], args)) === 1;
		// The list is on another node of a cluster, so it cannot be part of the script.
		if (isSaved) await this.addToList(`${attempt}:${executionId}`, claimedAt);
		return isSaved;
	}

	async latest(executionIds: readonly string[]): Promise<ReadonlyMap<string, RecoveryRecord>> {
		const found = await Promise.all(executionIds.map((id) => this.attemptsOf(id)));
		const latest = found.flatMap((records): Array<[string, RecoveryRecord]> => {
			const last = records.reduce<RecoveryRecord | undefined>(
				(most, record) => (most && most.attempt > record.attempt ? most : record),
				undefined,
			);
			return last ? [[last.executionId, last]] : [];
		});
		return new Map(latest);
	}

	async list(limit: number, after?: string): Promise<RecoveryRecordPage> {
		const places = await this.places();
		const from = after === undefined ? 0 : places.findIndex((place) => isAfter(place, after));
		if (from < 0) return { records: [], next: undefined };
		const page = places.slice(from, from + limit);
		const found = await Promise.all(
			page.map(async ({ executionId, attempt }) =>
				(await this.attemptsOf(executionId)).find((record) => record.attempt === attempt),
			),
		);
		const last = page.at(-1);
		return {
			records: found.filter((record) => record !== undefined),
			next: last && from + limit < places.length ? cursorOf(last) : undefined,
		};
	}

	private async attemptsOf(executionId: string): Promise<RecoveryRecord[]> {
		const key = this.keys.ofRecoveries(executionId);
		const texts = (await this.runner.run('findRecoveries', [key], [''])) as readonly string[];
		return texts.map((text) => JSON.parse(text.slice(text.indexOf(' '))) as RecoveryRecord);
	}

	private async addToList(member: string, claimedAt: number): Promise<void> {
		const key = this.keys.recoveries;
		await this.ask(async (client) => {
			await Promise.all([
				client.zadd(key, claimedAt, member),
				client.zremrangebyrank(key, 0, -1 - MOST_LISTED),
				client.pexpire(key, KEPT_MS),
			]);
		});
	}

	/** The newest first. */
	private async places(): Promise<Place[]> {
		const scored = await this.ask((client) =>
			client.zrange(this.keys.recoveries, 0, '-1', 'WITHSCORES'),
		);
		const places: Place[] = [];
		for (let index = 0; index < scored.length; index += 2) {
			const member = scored[index]!;
			const end = member.indexOf(':');
			places.push({
				executionId: member.slice(end + 1),
				attempt: Number(member.slice(0, end)),
				claimedAt: Number(scored[index + 1]),
			});
		}
		return places.reverse();
	}

	private async ask<T>(command: (client: RedisConnection['client']) => Promise<T>): Promise<T> {
		await this.connection.ready();
		try {
			return await command(this.connection.client);
		} catch (error) {
			throw explain(error);
		}
	}
}

interface Place {
	readonly executionId: string;
	readonly attempt: number;
	readonly claimedAt: number;
}

const cursorOf = ({ claimedAt, attempt, executionId }: Place): string =>
	`${claimedAt}:${attempt}:${executionId}`;

function isAfter(place: Place, cursor: string): boolean {
	const at = Number(cursor.slice(0, cursor.indexOf(':')));
	return place.claimedAt < at || (place.claimedAt === at && cursorOf(place) < cursor);
}
