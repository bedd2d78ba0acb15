import type { Clock } from '../../../core/ports';
import type { InstanceRegistryView } from '../../../core/ports/stack';
import { RegistryUnreadableError } from '../registry';

/** The registry is asked again after so long: n8n chooses among the pools that it lists. */
const FRESH_MS = 5_000;

/** Redis is looked through again after so long: only for pools without a worker, of which few are made. In ms. */
const SOONEST_AGAIN_MS = 600_000;

/** And after so many times as long as that took, which is to be a small part of what Redis does. */
const SHARE = 200;

/** Whoever asks waits no longer for it, in ms: with many millions of keys it takes minutes. */
const LONGEST_WAIT_MS = 2_000;

/** Names of worker pools: those that were told, those of workers that were ever seen, and those that were searched for. */
export class KnownPools {
	private readonly known: Set<string>;
	private readAt = -Infinity;
	private reading: Promise<void> | undefined;
	private isSearched = false;
	private searchAgainAt = -Infinity;
	private searching: Promise<void> | undefined;

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
	 * @returns whether it has been looked through as a whole.
	 */
	async search(): Promise<boolean> {
		if (this.clock.now() >= this.searchAgainAt)
			this.searching ??= this.find().finally(() => (this.searching = undefined));
		if (this.searching) await this.waitFor(this.searching);
		return this.isSearched;
	}

	private async waitFor(searching: Promise<void>): Promise<void> {
		let cancel = (): void => undefined;
		const isOver = new Promise<void>((resolve) => {
			cancel = this.clock.schedule(resolve, LONGEST_WAIT_MS);
		});
		// Who has stopped waiting is not told of its failure: whoever asks next looks again.
		await Promise.race([searching, isOver]).finally(cancel);
	}

	private async find(): Promise<void> {
		const beganAt = this.clock.now();
		for (const pool of await this.inRedis()) this.known.add(pool);
		const endedAt = this.clock.now();
		this.isSearched = true;
		this.searchAgainAt = endedAt + Math.max(SOONEST_AGAIN_MS, SHARE * (endedAt - beganAt));
	}

	private async read(): Promise<void> {
		const readAt = this.clock.now();
		try {
			for (const { pool } of await this.registry.instances()) this.known.add(pool);
		} catch (error) {
			if (!(error instanceof RegistryUnreadableError)) throw error;
			// Those that have ever had a job are known without it.
			await this.search();
		}
		this.readAt = readAt;
	}
}
