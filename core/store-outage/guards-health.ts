import { isOfOneState } from '../errors';
import type { Guard } from '../ports';
import type { StoreCondition, StoreHealths } from './store-health';

/** What has guards: a request or a permit. */
interface Guarded {
	readonly guards: readonly Guard[];
}

/** The health of all that keeps the states of a call's guards. */
export class GuardsHealth {
	constructor(
		/** By the names of policies. */
		private readonly parts: StoreHealths<string>,
	) {}

	/** Calls the listener each time a part has answered a probe. */
	onAnswer(listener: () => void): void {
		this.parts.onAnswer(listener);
	}

	/** Whether nobody is to wait for it. */
	isDown(guarded: Guarded): boolean {
		return this.conditionOf(guarded) !== 'up';
	}

	/** That of the part that is worst. */
	conditionOf({ guards }: Guarded): StoreCondition {
		let worst: StoreCondition = 'up';
		for (const { policy } of guards) {
			const { condition } = this.parts.of(policy.name);
			if (condition === 'lost') return condition;
			if (condition === 'slow') worst = condition;
		}
		return worst;
	}

	/** A request failed or was not answered in time. Of several parts nobody knows which it was. */
	noteFailure({ guards }: Guarded, error: unknown): void {
		const [part, ...others] = new Set(guards.map(({ policy }) => this.parts.of(policy.name)));
		if (others.length === 0 || isOfOneState(error)) return part!.noteFailure(error);
		for (const one of [part!, ...others]) one.noteDoubt();
	}
}
