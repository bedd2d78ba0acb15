import type { Clock } from '../../../core/ports';
import type { InstanceRegistryView } from '../../../core/ports/stack';

/** The registry is asked again after so long: n8n chooses among the pools that it lists. */
const FRESH_MS = 5_000;

/** Redis is looked through again after so long: only for pools without a worker, of which few are made. */
const FOUND_MS = 600_000;

/** Names of worker pools: those that were told, those of workers that were ever seen, and those that were searched for. */
export class KnownPools {
	private readonly known: Set<string>;
	private readAt = -Infinity;
	private reading: Promise<void> | undefined;
	private searchedAt = -Infinity;
	private searching: Promise<boolean> | undefined;

	/** @param told besides the default one. @param inRedis names those that the queue's Redis has ever had a job of. */
	constructor(
		told: readonly string[],
		private readonly registry: InstanceRegistryView,
		private readonly inRedis: () => Promise<readonly string[]>,
		private readonly clock: Clock,
	) {
		this.known = new Set(['', ...told]);
	}

	/** Those who ask at the same time share a look at the registry. */
	async names(): Promise<readonly string[]> {
		if (Math.abs(this.clock.now() - this.readAt) >= FRESH_MS)
			await (this.reading ??= this.read().finally(() => (this.reading = undefined)));
		return [...this.known];
	}

	/**
	 * Looks through Redis for pools of which no worker was seen, unless that was done lately.
	 * @returns whether more are known now.
	 */
	async search(): Promise<boolean> {
		if (this.searching) return await this.searching;
		if (Math.abs(this.clock.now() - this.searchedAt) < FOUND_MS) return false;
		this.searching = this.find().finally(() => (this.searching = undefined));
		return await this.searching;
	}

	private async find(): Promise<boolean> {
		const before = this.known.size;
		const searchedAt = this.clock.now();
		for (const pool of await this.inRedis()) this.known.add(pool);
		this.searchedAt = searchedAt;
		return this.known.size > before;
	}

	private async read(): Promise<void> {
		const readAt = this.clock.now();
		for (const { pool } of await this.registry.instances()) this.known.add(pool);
		this.readAt = readAt;
	}
}
