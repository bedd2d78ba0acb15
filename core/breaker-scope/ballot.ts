import { definePolicy, type DefinitionOf } from '../policies/define';
import type { Guard, PolicySnapshot } from '../ports';
import type { OwnGuard } from './scope-of';

/** Breakers that a vote may stand on; those beyond are voted on anew, which does no harm. */
const MOST_KNOWN = 10_000;

/** What a settlement says about this worker's vote (see core/policies/breaker-quorum). */
const TAKE_BACK = -1;
const UNCHANGED = 0;

/**
 * The votes of this worker. It votes when its own breaker opens, for as long as that stays open and once more its wait
 * in open state, so that the vote stands while probes run; and takes the vote back when it closes.
 */
export class Ballot {
	/** By breaker and key: in which generation of the own breaker it was voted. */
	private readonly cast = new Map<string, number>();
	private readonly policies = new WeakMap<OwnGuard['policy'], DefinitionOf<'breaker-quorum'>>();

	constructor(private readonly voter: string) {}

	/** The votes on a breaker. */
	policyOf(breaker: OwnGuard['policy']): DefinitionOf<'breaker-quorum'> {
		let policy = this.policies.get(breaker);
		if (policy === undefined) {
			const { quorum, waitDurationInOpenStateMs } = breaker.options;
			const options = { quorum, waitDurationInOpenStateMs, voter: this.voter };
			policy = definePolicy('breaker-quorum', breaker.name, options);
			this.policies.set(breaker, policy);
		}
		return policy;
	}

	guardOf({ policy, key }: OwnGuard): Guard {
		return { policy: this.policyOf(policy), key, weight: 1, priority: 0 };
	}

	/** The token of a settlement after which the own breaker is as seen; 0 when no vote changes. */
	tokenAfter({ policy, key }: OwnGuard, seen: PolicySnapshot | undefined): number {
		const place = placeOf(policy.name, key);
		const { state = 'closed', figures } = seen ?? {};
		if (state === 'closed') return this.cast.delete(place) ? TAKE_BACK : UNCHANGED;
		const generation = figures!.generation!;
		if (state !== 'open' || this.cast.get(place) === generation) return UNCHANGED;
		this.note(place, generation);
		return Math.ceil(figures!.retryAfterMs! + policy.options.waitDurationInOpenStateMs);
	}

	/** The settlement got lost, so the next one says it again. */
	forget({ policy, key }: OwnGuard): void {
		this.cast.delete(placeOf(policy.name, key));
	}

	private note(place: string, generation: number): void {
		const [oldest] = this.cast.keys();
		if (oldest !== undefined && this.cast.size >= MOST_KNOWN) this.cast.delete(oldest);
		this.cast.set(place, generation);
	}
}

const placeOf = (name: string, key: string): string => JSON.stringify([name, key]);
