import type { Clock } from '../../../core/ports';
import type { InstanceRegistryView } from '../../../core/ports/stack';

/** The registry is asked again after so long: n8n chooses among the pools that it lists. */
const FRESH_MS = 5_000;

/** Names of worker pools: those that were told, and those of workers that were ever seen. */
export class KnownPools {
	private readonly known: Set<string>;
	private readAt = -Infinity;
	private reading: Promise<void> | undefined;

	/** @param told besides the default one. */
	constructor(
		told: readonly string[],
		private readonly registry: InstanceRegistryView,
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

	private async read(): Promise<void> {
		const readAt = this.clock.now();
		for (const { pool } of await this.registry.instances()) this.known.add(pool);
		this.readAt = readAt;
	}
}
