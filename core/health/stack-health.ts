import { PolicyStates, troubleOf, type PolicyLook } from '../policy-states';
import type { Clock, PolicyAddress, SharedPolicies } from '../ports';
import { readFrom, type Reading } from '../stack';
import { assess, type Health } from './assess';
import type { ConfigurationCheck } from './config-lint';
import type { LostSeen, LostView } from './lost-seen';
import type { StackMonitor, StackObservation } from './stack-monitor';
import type { Thresholds } from './thresholds';

/** What was seen, and how it is judged. */
export interface Checkup {
	readonly observation: StackObservation;
	readonly health: Health;
	/** Undefined where nobody has looked. */
	readonly lost: LostSeen | undefined;
}

/** Who asks sooner is given what was seen of policies before, in ms. */
const POLICIES_FRESH_MS = 5_000;

/** Where policies are looked at in turns, the looks go on so long after somebody has asked, in ms. */
const LOOKED_ON_MS = 60_000;

/** Looks that see each policy once, as many as a registry may hold. */
const MOST_TURNS = 10;

/** States that are looked at each time because they were out of order the time before. */
const MOST_TROUBLED = 1_000;

/** Those that turn calls away. */
const KINDS = ['circuit-breaker', 'bulkhead', 'rate-limiter', 'retry-budget'] as const;

/** Where what is judged is learned from. */
export interface HealthSources {
	readonly monitor: StackMonitor;
	/** Undefined where no Redis is configured. */
	readonly policies: SharedPolicies | undefined;
	readonly configuration: ConfigurationCheck;
	/** Undefined where executions cannot be looked for. */
	readonly lost?: LostView;
}

/** Looks at the stack and judges it. */
export class StackHealth {
	readonly monitor: StackMonitor;
	private readonly configuration: ConfigurationCheck;
	private readonly lost: LostView | undefined;
	private readonly states: PolicyStates | undefined;
	private asked = -Infinity;
	private seenAt = -Infinity;
	private seen: Promise<Reading<PolicyLook>> | undefined;
	private lookingAtAll: Promise<Reading<PolicyLook>> | undefined;
	private troubled: readonly PolicyAddress[] = [];

	constructor(
		{ monitor, policies, configuration, lost }: HealthSources,
		private readonly thresholds: Thresholds,
		private readonly clock: Clock,
	) {
		this.monitor = monitor;
		this.configuration = configuration;
		this.lost = lost;
		this.states = policies && new PolicyStates(policies, clock, KINDS);
	}

	/** When somebody asked last, ms since the epoch. */
	get askedAt(): number {
		return this.asked;
	}

	/** At most one look a second, however many ask. */
	async check(): Promise<Checkup> {
		this.asked = this.clock.now();
		const [observation, policies, configuration, lost] = await Promise.all([
			this.monitor.observe(),
			this.policyStates(),
			this.configuration.report(),
			this.lost?.seen(),
		]);
		const health = assess(observation, policies, configuration, this.thresholds, lost);
		return { observation, health, lost };
	}

	/** Keeps in mind what only several looks tell, though nobody asks. */
	async lookOut(): Promise<void> {
		const isWanted = Math.abs(this.clock.now() - this.asked) < LOOKED_ON_MS;
		await Promise.all([
			this.monitor.observe(),
			this.lost?.seen(),
			isWanted && this.states?.areInTurns ? this.look() : this.search(),
		]);
	}

	/** That policies cannot be looked at the next look says. */
	private async search(): Promise<void> {
		await this.states?.search().catch(() => undefined);
	}

	/** Of those policies that turn calls away, at most one look in five seconds. */
	async policyStates(): Promise<Reading<PolicyLook>> {
		this.asked = this.clock.now();
		return await this.look();
	}

	/**
	 * As many looks as it takes to see each policy and find what it has under keys, where one does not do: ten at most,
	 * whoever else asks meanwhile.
	 */
	async allPolicyStates(): Promise<Reading<PolicyLook>> {
		this.lookingAtAll ??= this.lookAtAll().finally(() => (this.lookingAtAll = undefined));
		return await this.lookingAtAll;
	}

	private async lookAtAll(): Promise<Reading<PolicyLook>> {
		let reading = await this.policyStates();
		for (let turn = 1; turn < MOST_TURNS && reading.isKnown && isPart(reading.value); turn++)
			reading = await this.lookAnew();
		return reading;
	}

	private async look(): Promise<Reading<PolicyLook>> {
		const isFresh = Math.abs(this.clock.now() - this.seenAt) < POLICIES_FRESH_MS;
		return await (this.seen && isFresh ? this.seen : this.lookAnew());
	}

	private async lookAnew(): Promise<Reading<PolicyLook>> {
		this.seenAt = this.clock.now();
		this.seen = readFrom('policies', this.states, async (states) => await this.lookAt(states));
		return await this.seen;
	}

	private async lookAt(states: PolicyStates): Promise<PolicyLook> {
		const look = await states.look(this.troubled);
		this.troubled = look.states
			.filter(({ policy, found }) => troubleOf(policy, found) !== undefined)
			.slice(0, MOST_TROUBLED)
			.map(({ policy: { kind, name }, key }) => ({ kind, name, key }));
		return look;
	}
}

const isPart = ({ unseen, areKeysFound }: PolicyLook): boolean => unseen > 0 || !areKeysFound;
