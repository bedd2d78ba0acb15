import type { Clock } from '../ports';
import type { StoreEvent } from './store-event';
import { StoreHealth, type StoreHealths } from './store-health';

/** The health of each part of a shared store that can fail without the others, such as the masters of a cluster. */
export class StoreParts {
	private readonly parts = new Map<string, StoreHealth>();
	private readonly backListeners: Array<() => void> = [];

	constructor(
		private readonly clock: Clock,
		/** Resolves when that part answers. */
		private readonly probe: (part: string) => Promise<unknown>,
		private readonly tell: (event: StoreEvent) => void = () => undefined,
	) {}

	/** The parts by what they keep. */
	by<Name>(partOf: (name: Name) => string): StoreHealths<Name> {
		return {
			of: (name) => this.healthOf(partOf(name)),
			onBack: (listener) => this.onBack(listener),
		};
	}

	healthOf(part: string): StoreHealth {
		const known = this.parts.get(part);
		if (known) return known;
		const health = new StoreHealth(this.clock, () => this.probe(part), this.tell);
		for (const listener of this.backListeners) health.onBack(listener);
		this.parts.set(part, health);
		return health;
	}

	/** Ends all probing. */
	stop(): void {
		for (const health of this.parts.values()) health.stop();
	}

	private onBack(listener: () => void): void {
		this.backListeners.push(listener);
		for (const health of this.parts.values()) health.onBack(listener);
	}
}
