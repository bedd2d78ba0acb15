import type { Clock } from '../ports';
import type { StoreEvent } from './store-event';
import { StoreHealth, type StoreHealths } from './store-health';

/** The health of each part of a shared store that can fail without the others, such as the masters of a cluster. */
export class StoreParts {
	private readonly parts = new Map<string, StoreHealth>();
	private readonly answerListeners: Array<() => void> = [];

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
			onAnswer: (listener) => this.onAnswer(listener),
		};
	}

	healthOf(part: string): StoreHealth {
		const known = this.parts.get(part);
		if (known) return known;
		const health = new StoreHealth(this.clock, () => this.probe(part), this.tell);
		for (const listener of this.answerListeners) health.onAnswer(listener);
		this.parts.set(part, health);
		return health;
	}

	/** Ends all probing. */
	stop(): void {
		for (const health of this.parts.values()) health.stop();
	}

	private onAnswer(listener: () => void): void {
		this.answerListeners.push(listener);
		for (const health of this.parts.values()) health.onAnswer(listener);
	}
}
