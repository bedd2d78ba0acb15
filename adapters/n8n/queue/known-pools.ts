import type { Clock } from '../../../core/ports';
import type { InstanceRegistryView } from '../../../core/ports/stack';

/** The registry is asked again after so long: n8n chooses among the pools that it lists. */
const FRESH_MS = 5_000;

/** Names of worker pools: those that were told, and those of workers that were ever seen. */
export class KnownPools {
	private readonly known: Set<string>;
	private readAt = -Infinity;

	/** @param told besides the default one. */
	constructor(
		told: readonly string[],
		private readonly registry: InstanceRegistryView,
		private readonly clock: Clock,
	) {
		this.known = new Set(['', ...told]);
	}

	async names(): Promise<readonly string[]> {
		const now = this.clock.now();
		if (Math.abs(now - this.readAt) >= FRESH_MS) {
			for (const { pool } of await this.registry.instances()) this.known.add(pool);
			this.readAt = now;
		}
		return [...this.known];
	}
}
