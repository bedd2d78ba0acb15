import { readClock } from '../../core/clocks';
import type { Outcome } from '../../core/outcome';
import { definePolicy } from '../../core/policies/define';
import { adaptedTimeoutMs, bucketOf, endOf } from '../../core/policies/timeout';
import type {
	Admission,
	AdmitRequest,
	Awaitable,
	Clock,
	Guard,
	Holding,
	OverrideAction,
	Permit,
	PolicyAddress,
	PolicyDefinition,
	PolicySnapshot,
	RemotePolicyStore,
} from '../../core/ports';
import { pageOf } from './mark-pages';
import { OpenBreakers } from './open-breakers';
import type { Argument, Reply, ScriptRunner } from './script-runner';
import { ScriptBatches } from './script-batches';
import { ScriptPolicies, type ScriptPolicy } from './script-policies';
import type { StateKeys } from './state-keys';
import type { TurnedAway } from './turned-away';
import type { UsedPolicies } from './used-policies';
import type { WakeUps } from './wake-ups';
import { wellFormed } from './well-formed';

export interface RedisPolicyStoreSettings {
	readonly runner: ScriptRunner;
	readonly keys: StateKeys;
	readonly used: UsedPolicies;
	readonly turnedAway: Pick<TurnedAway, 'note'>;
	readonly wakeUps: WakeUps;
	readonly newRequestId: () => string;
	readonly clock: Clock;
	/** Whether states of policies of different names may lie on different nodes. */
	readonly isCluster?: boolean;
	/** Goes by `clock` in place of the server's: for tests. */
	readonly isTimeOwn?: boolean;
}

/** Of a state that nothing else uses; lets every first attempt through. */
const PROBE: Guard = {
	policy: definePolicy('retry-budget', 'bulwark:check'),
	key: '',
	weight: 1,
	priority: 0,
};

/** States that are looked at, wherever they can be asked for together. */
const INSPECTED = 'inspected';

const QUEUED = 2;

/** In answers to who settles. */
const HELD = 1;
const LOST_AND_OPENED = 2;
const HELD_AND_OPENED = 3;

/** In the answer to what was granted. */
const FIRST_TOKEN = 2;

/** A guard that a script is to know of, and its place among all guards of the call. */
interface AskedGuard {
	readonly guard: Guard;
	readonly policy: ScriptPolicy;
	readonly index: number;
}

/**
 * Policy state in Redis, shared by all processes that use it: one script call to admit and one to settle, however many
 * policies guard the call. Time is the server's.
 */
export class RedisPolicyStore implements RemotePolicyStore {
	private readonly policies: ScriptPolicies;
	private readonly scripts: ScriptBatches;
	private readonly open = new OpenBreakers();

	constructor(private readonly settings: RedisPolicyStoreSettings) {
		const { runner, keys, clock, isTimeOwn } = settings;
		this.policies = new ScriptPolicies(keys);
		this.scripts = new ScriptBatches(runner, () => (isTimeOwn ? clock.now() : ''));
	}

	/** Answers at once where it knows that a breaker is open. */
	admit(request: AdmitRequest): Awaitable<Admission> {
		return this.knownRejection(request) ?? this.ask(request);
	}

	private ask(request: AdmitRequest): Promise<Admission> {
		const { wakeUps, used, clock } = this.settings;
		const asked = this.asked(request.guards, isKept);
		if (asked.length === 0) return Promise.resolve(this.granted(request, asked, [clock.now(), 0]));
		let mayQueue = false;
		for (const { guard, policy } of asked) {
			used.note(guard.policy);
			mayQueue ||= policy.mayQueue;
		}
		if (!mayQueue) return this.sendAdmit(request, asked);
		wakeUps.expect(request.permitId);
		return this.admitOrQueue(request, asked);
	}

	private async admitOrQueue(
		request: AdmitRequest,
		asked: readonly AskedGuard[],
	): Promise<Admission> {
		let admission: Admission | undefined;
		try {
			admission = await this.sendAdmit(request, asked);
			return admission;
		} finally {
			// Without a place in a queue there is nothing that it could be called from.
			if (admission?.status !== 'queued') this.settings.wakeUps.forget(request.permitId);
		}
	}

	private sendAdmit(request: AdmitRequest, asked: readonly AskedGuard[]): Promise<Admission> {
		const { permitId, attempt, leaseMs } = request;
		const { markBase } = asked[0]!.policy;
		const keys = [pageOf(markBase, permitId)];
		let call = `admit ${attempt} ${leaseMs}`;
		for (const { guard, policy } of asked) {
			addKeys(keys, policy, guard.key);
			call += lineOf(policy, guard);
		}
		const askedAt = this.settings.clock.now();
		return this.scripts
			.run(markBase, call, keys, [permitId])
			.then((answer) => this.admission(request, asked, answer, askedAt));
	}

	private admission(
		request: AdmitRequest,
		asked: readonly AskedGuard[],
		answer: Reply,
		askedAt: number,
	): Admission {
		if (typeof answer === 'string')
			return this.granted(request, asked, answer.split(' ').map(Number));
		const [status, index, figure, isFirm] = answer as [number, number, number, number];
		const { guard: by, policy } = asked[index]!;
		if (status === QUEUED) return { status: 'queued', by, ahead: figure };
		const retryAfterMs = fromReply(figure);
		this.settings.turnedAway.note(addressOf(by));
		if (isFirm === 1) this.open.note(policy.stateBase + by.key, askedAt, retryAfterMs);
		return { status: 'rejected', by, retryAfterMs };
	}

	/** What the store would answer as well, because nothing in front of an open breaker turns the call away. */
	private knownRejection({ permitId, guards, attempt }: AdmitRequest): Admission | undefined {
		// A call that has a place in a queue must give it up.
		if (this.open.isEmpty || this.settings.wakeUps.isExpected(permitId)) return undefined;
		for (const guard of guards) {
			const { kind } = guard.policy;
			if (kind === 'timeout' || (kind === 'retry-budget' && attempt <= 1)) continue;
			if (kind !== 'circuit-breaker') return undefined;
			const state = this.policies.of(guard.policy).stateBase + guard.key;
			const retryAfterMs = this.open.retryAfterMs(state, this.settings.clock.now());
			return retryAfterMs === undefined
				? undefined
				: { status: 'rejected', by: guard, retryAfterMs };
		}
		return undefined;
	}

	async settle(permit: Permit, outcome: Outcome): Promise<Holding> {
		const asked = this.asked(permit.guards, isSettled);
		if (asked.length === 0) return 'held';
		const { kind, latencyMs, timedOut, throttled } = outcome;
		const { markBase } = asked[0]!.policy;
		const keys = [pageOf(markBase, permit.id)];
		const args = [permit.id, latencyMs, bucketOf(latencyMs)];
		let call = `settle ${kind} ${flag(timedOut)} ${flag(throttled)}`;
		for (const { guard, policy, index } of asked) {
			addKeys(keys, policy, guard.key);
			call += lineOf(policy, guard);
			args.push(permit.tokens[index]!);
		}
		const reply = await this.scripts.run(markBase, call, keys, args);
		if (reply === HELD_AND_OPENED || reply === LOST_AND_OPENED)
			for (const { guard } of asked)
				if (isSwitch(guard.policy)) this.settings.turnedAway.note(addressOf(guard));
		return holding(reply);
	}

	async refund(permit: Permit): Promise<void> {
		const asked = this.asked(permit.guards, isKept);
		if (asked.length === 0) return;
		const { markBase } = asked[0]!.policy;
		const requestId = this.settings.newRequestId();
		const keys = [pageOf(markBase, requestId), pageOf(markBase, permit.id)];
		const args = [requestId, permit.id, permit.admittedAt];
		let call = 'refund';
		for (const { guard, policy, index } of asked) {
			addKeys(keys, policy, guard.key);
			call += lineOf(policy, guard);
			args.push(permit.tokens[index]!);
		}
		await this.scripts.run(markBase, call, keys, args);
	}

	async cancel({ permitId, guards }: AdmitRequest): Promise<void> {
		this.settings.wakeUps.forget(permitId);
		const asked = this.asked(guards, isKept);
		if (asked.length === 0) return;
		const { markBase } = asked[0]!.policy;
		const keys = [pageOf(markBase, permitId)];
		let call = 'cancel';
		for (const { guard, policy } of asked) {
			addKeys(keys, policy, guard.key);
			call += lineOf(policy, guard);
		}
		await this.scripts.run(markBase, call, keys, [permitId]);
	}

	async extend(permit: Permit, leaseMs: number): Promise<Holding> {
		const asked = this.asked(permit.guards, isHeld);
		if (asked.length === 0) return 'held';
		const keys: string[] = [];
		const args: Argument[] = [permit.id];
		let call = `extend ${leaseMs}`;
		for (const { guard, policy, index } of asked) {
			addKeys(keys, policy, guard.key);
			call += lineOf(policy, guard);
			args.push(permit.tokens[index]!);
		}
		return holding(await this.scripts.run(asked[0]!.policy.markBase, call, keys, args));
	}

	async awaitTurn({ permitId }: AdmitRequest, maxMs: number): Promise<void> {
		await this.settings.wakeUps.wait(permitId, maxMs);
	}

	async withdraw({ permitId, guards }: AdmitRequest): Promise<void> {
		this.settings.wakeUps.forget(permitId);
		const asked = this.asked(guards, isBulkhead);
		if (asked.length === 0) return;
		const keys: string[] = [];
		let call = 'withdraw';
		for (const { guard, policy } of asked) {
			addKeys(keys, policy, guard.key);
			call += lineOf(policy, guard);
		}
		await this.scripts.run(asked[0]!.policy.markBase, call, keys, [permitId]);
	}

	async inspect(address: PolicyAddress): Promise<PolicySnapshot | undefined> {
		const { used, clock, isCluster } = this.settings;
		const policy = await used.find(address);
		if (!policy) return undefined;
		const known = this.policies.of(policy);
		const keys = addKeys([], known, address.key);
		// Who looks asks for hundreds at once; a call is asked for with others of its policies only, since it waits for all.
		const tag = isCluster ? known.markBase : INSPECTED;
		const { answer, at } = await readClock(
			clock,
			async () => await this.scripts.run(tag, `inspect${lineOf(known)}`, keys, []),
		);
		const [state, lastedMs, ...rest] = answer as string[];
		if (state === undefined) return undefined;
		const figures: Record<string, number> = {};
		for (let index = 0; index < rest.length; index += 2)
			figures[rest[index]!] = Number(rest[index + 1]);
		return {
			address,
			state,
			...(lastedMs !== '' && { since: Math.round(at - Number(lastedMs)) }),
			figures: shown(policy, figures),
		};
	}

	async override(policy: PolicyDefinition, key: string, action: OverrideAction): Promise<void> {
		if (!isSwitch(policy) && action !== 'reset') return;
		const { used, turnedAway, newRequestId } = this.settings;
		used.note(policy);
		const known = this.policies.of(policy);
		const requestId = newRequestId();
		const keys = addKeys([pageOf(known.markBase, requestId)], known, key);
		try {
			await this.scripts.run(known.markBase, `override ${action}${lineOf(known)}`, keys, [
				requestId,
			]);
			if (action === 'open' || action === 'isolate')
				turnedAway.note({ kind: policy.kind, name: policy.name, key });
		} finally {
			// Not before: until then answers may come that were given before the change.
			this.open.forget(known.stateBase + key);
		}
	}

	/**
	 * Resolves when the store does its work: a server that answers may still refuse to write, or to run our scripts.
	 * @param name of a policy that nothing else uses; a cluster chooses the node by it
	 * @throws {StoreError}
	 */
	async check(name = PROBE.policy.name): Promise<void> {
		const guards = [{ ...PROBE, policy: definePolicy('retry-budget', name) }];
		const request = { permitId: this.settings.newRequestId(), guards, attempt: 1, leaseMs: 0 };
		await this.sendAdmit(request, this.asked(guards, isKept));
	}

	/** The guards that scripts are to know of. */
	private asked(
		guards: readonly Guard[],
		isAsked: (policy: ScriptPolicy) => boolean,
	): readonly AskedGuard[] {
		const asked: AskedGuard[] = [];
		for (let index = 0; index < guards.length; index++) {
			const guard = guards[index]!;
			const policy = this.policies.of(guard.policy);
			if (isAsked(policy)) asked.push({ guard, policy, index });
		}
		return asked;
	}

	/** A permit for all guards of the request, of which those that are kept in Redis answered. */
	private granted(
		{ permitId, guards }: AdmitRequest,
		asked: readonly AskedGuard[],
		answer: readonly number[],
	): Admission {
		const tokens = guards.map(() => 0);
		for (let place = 0; place < asked.length; place++)
			tokens[asked[place]!.index] = answer[FIRST_TOKEN + place]!;
		const [bucket, calls] = answer.slice(FIRST_TOKEN + asked.length);
		let timeoutMs: number | undefined;
		for (const { policy } of guards) {
			if (policy.kind !== 'timeout') continue;
			timeoutMs =
				policy.options.strategy === 'fixed'
					? policy.options.timeoutMs
					: adaptedTimeoutMs(policy.options, calls!, () => endOf(bucket!));
		}
		const permit: Permit = {
			id: permitId,
			guards,
			tokens,
			admittedAt: answer[0]!,
			leased: answer[1] === 1,
			timeoutMs,
		};
		return { status: 'granted', permit };
	}
}

const flag = (is: boolean | undefined): number => (is ? 1 : 0);

const fromReply = (ms: number): number => (ms < 0 ? Infinity : ms);

const holding = (reply: Reply): Holding =>
	reply === HELD || reply === HELD_AND_OPENED ? 'held' : 'lost';

const addressOf = ({ policy: { kind, name }, key }: Guard): PolicyAddress => ({ kind, name, key });

const isKept = (policy: ScriptPolicy): boolean => policy.isKept;
const isSettled = (policy: ScriptPolicy): boolean => policy.isSettled;
const isHeld = (policy: ScriptPolicy): boolean => policy.isHeld;
const isBulkhead = (policy: ScriptPolicy): boolean => policy.isBulkhead;

/** A guard as scripts are told of it. */
const lineOf = ({ json }: ScriptPolicy, { weight, priority } = PROBE): string =>
	`\n${weight} ${priority} ${json}`;

/** Adds the names of a state's keys. */
function addKeys(keys: string[], { stateBase, suffixes }: ScriptPolicy, key: string): string[] {
	const base = stateBase + wellFormed(key);
	for (const suffix of suffixes) keys.push(base + suffix);
	return keys;
}

/** Whether it can be opened and closed by hand. */
const isSwitch = ({ kind }: PolicyDefinition): boolean =>
	kind === 'circuit-breaker' || kind === 'breaker-quorum';

/** Figures as people are to see them. */
function shown(
	policy: PolicyDefinition,
	figures: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
	if (policy.kind !== 'timeout' || policy.options.strategy === 'fixed') return figures;
	const { bucket = 0, calls = 0 } = figures;
	return { timeoutMs: adaptedTimeoutMs(policy.options, calls, () => endOf(bucket)), calls };
}
