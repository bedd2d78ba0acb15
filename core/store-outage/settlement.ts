import type { Outcome } from '../outcome';
import type { Clock, Guard, Holding, Permit, PolicyStore } from '../ports';
import type { Message } from './backlog';

/**
 * For how long an outcome that may have been noted is told again, in ms: far shorter than a store remembers that it has
 * noted it, because a request may be under way for some seconds.
 */
export const OUTCOME_REPEATED_MS = 5_000;

/** The end of a call, which a shared store must be told. */
export class Settlement implements Message {
	readonly createdAt: number;
	readonly guards: readonly Guard[];
	private firstSentAt: number | undefined;

	constructor(
		private readonly store: PolicyStore,
		private readonly clock: Clock,
		private readonly permit: Permit,
		private readonly outcome: Outcome,
	) {
		this.createdAt = clock.now();
		this.guards = permit.guards;
	}

	/** May be called again when no answer came: the outcome counts at most once. */
	async send(): Promise<Holding> {
		const now = this.clock.now();
		this.firstSentAt ??= now;
		const isRemembered = now - this.firstSentAt <= OUTCOME_REPEATED_MS && now >= this.firstSentAt;
		return isRemembered
			? await this.store.settle(this.permit, this.outcome)
			: await this.store.settle(withoutVotes(this.permit), { kind: 'ignored', latencyMs: 0 });
	}
}

/** What a call held is given back but once, however often that is told. A vote would stand for longer each time. */
const withoutVotes = (permit: Permit): Permit => ({
	...permit,
	tokens: permit.tokens.map((token, index) =>
		permit.guards[index]!.policy.kind === 'breaker-quorum' ? 0 : token,
	),
});
