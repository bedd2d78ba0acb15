import type { SharedPolicies } from '../policy-control';
import type { Clock } from '../ports';
import { readFrom, type Reading } from '../stack';
import { PolicyWatch, type Sighting } from '../stack-events';
import { assess, type Health } from './assess';
import type { StackMonitor, StackObservation } from './stack-monitor';
import type { Thresholds } from './thresholds';

/** What was seen, and how it is judged. */
export interface Checkup {
	readonly observation: StackObservation;
	readonly health: Health;
}

/** Who asks sooner is given what was seen of policies before, in ms. */
const POLICIES_FRESH_MS = 5_000;

/** Looks at the stack and judges it. */
export class StackHealth {
	private readonly watch: PolicyWatch | undefined;
	private asked = -Infinity;
	private seen: { readonly at: number; readonly policies: Promise<Reading<readonly Sighting[]>> };

	constructor(
		readonly monitor: StackMonitor,
		policies: SharedPolicies | undefined,
		private readonly thresholds: Thresholds,
		private readonly clock: Clock,
	) {
		this.watch = policies && new PolicyWatch(policies, clock);
		this.seen = { at: -Infinity, policies: readFrom('policies', undefined, () => []) };
	}

	/** When somebody asked last, ms since the epoch. */
	get askedAt(): number {
		return this.asked;
	}

	/** At most one look a second, however many ask. */
	async check(): Promise<Checkup> {
		this.asked = this.clock.now();
		const [observation, policies] = await Promise.all([
			this.monitor.observe(),
			this.lookAtPolicies(),
		]);
		return { observation, health: assess(observation, policies, this.thresholds) };
	}

	private async lookAtPolicies(): Promise<Reading<readonly Sighting[]>> {
		const now = this.clock.now();
		if (Math.abs(now - this.seen.at) >= POLICIES_FRESH_MS)
			this.seen = {
				at: now,
				policies: readFrom(
					'policies',
					this.watch,
					async (watch) => (await watch.look([])).sightings,
				),
			};
		return await this.seen.policies;
	}
}
