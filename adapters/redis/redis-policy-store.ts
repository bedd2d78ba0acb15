import type { Outcome } from '../../core/outcome';
import { definePolicy } from '../../core/policies/define';
import { adaptedTimeoutMs, bucketOf, endOf } from '../../core/policies/timeout';
import type {
	Admission,
	AdmitRequest,
	Clock,
	Guard,
	Holding,
	OverrideAction,
	Permit,
	PolicyAddress,
	PolicyDefinition,
	PolicySnapshot,
	PolicyStore,
} from '../../core/ports';
import { machineOptions } from './machine-options';
import type { PolicyRegistry } from './policy-registry';
import type { Argument, Reply, ScriptRunner } from './script-runner';
import type { CommandName } from './library';
import type { StateKeys } from './state-keys';
import type { WakeUps } from './wake-ups';

export interface RedisPolicyStoreSettings {
	readonly runner: ScriptRunner;
	readonly keys: StateKeys;
	readonly registry: PolicyRegistry;
	readonly wakeUps: WakeUps;
	readonly newRequestId: () => string;
	readonly clock: Clock;
	/** Goes by `clock` in place of the server's: for tests. */
	readonly isTimeOwn?: boolean;
}

/** A state that nothing else uses. */
const PROBE = { policy: definePolicy('retry-budget', 'bulwark:check'), key: '' };

const REJECTED = 1;

/**
 * Policy state in Redis, shared by all processes that use it: one script call to admit and one to settle, however many
 * policies guard the call. Time is the server's.
 */
export class RedisPolicyStore implements PolicyStore {
	constructor(private readonly settings: RedisPolicyStoreSettings) {}

	async admit(request: AdmitRequest): Promise<Admission> {
		const { permitId, attempt, leaseMs } = request;
		const { wakeUps } = this.settings;
		const guards = request.guards.filter(({ policy }) => isKept(policy));
		if (guards.length === 0) return this.granted(request, [], [this.settings.clock.now(), 0]);
		for (const { policy } of guards) this.settings.registry.note(policy);

		const mayQueue = guards.some(
			({ policy }) => policy.kind === 'bulkhead' && policy.options.maxWaitDurationMs > 0,
		);
		if (mayQueue) await wakeUps.expect(permitId);
		const asked = this.run('admit', guards, [permitId, attempt, leaseMs], {
			marks: [permitId],
			each: ({ weight, priority }) => [weight, priority],
		});
		// Without an answer it has no place that it could be called from.
		if (mayQueue) asked.catch(() => wakeUps.forget(permitId));
		const answer = await asked;
		if (typeof answer === 'string') {
			if (mayQueue) wakeUps.forget(permitId);
			return this.granted(request, guards, answer.split(' ').map(Number));
		}
		const [status, by, figure] = answer as [number, number, number];
		if (status !== REJECTED) return { status: 'queued', by: guards[by]!, ahead: figure };
		if (mayQueue) wakeUps.forget(permitId);
		return { status: 'rejected', by: guards[by]!, retryAfterMs: fromReply(figure) };
	}

	async settle(permit: Permit, outcome: Outcome): Promise<Holding> {
		const tokens = tokensOf(permit);
		const guards = permit.guards.filter(({ policy }) => isSettled(policy));
		if (guards.length === 0) return 'held';
		const { kind, latencyMs, timedOut, throttled } = outcome;
		const ended = [
			permit.id,
			kind,
			latencyMs,
			flag(timedOut),
			flag(throttled),
			bucketOf(latencyMs),
		];
		const held = await this.run('settle', guards, ended, {
			marks: [permit.id],
			each: (guard) => [tokens.get(guard)!],
		});
		return held === 1 ? 'held' : 'lost';
	}

	async refund(permit: Permit): Promise<void> {
		const tokens = tokensOf(permit);
		const guards = permit.guards.filter(({ policy }) => isKept(policy));
		if (guards.length === 0) return;
		await this.run('refund', guards, [permit.id, permit.admittedAt], {
			marks: [this.settings.newRequestId(), permit.id],
			each: (guard) => [guard.weight, tokens.get(guard)!],
		});
	}

	async extend(permit: Permit, leaseMs: number): Promise<Holding> {
		const tokens = tokensOf(permit);
		const guards = permit.guards.filter(({ policy }) => isHeld(policy));
		if (guards.length === 0) return 'held';
		const held = await this.run('extend', guards, [permit.id, leaseMs], {
			each: (guard) => [tokens.get(guard)!],
		});
		return held === 1 ? 'held' : 'lost';
	}

	async awaitTurn({ permitId }: AdmitRequest, maxMs: number): Promise<void> {
		await this.settings.wakeUps.wait(permitId, maxMs);
	}

	async withdraw({ permitId, guards }: AdmitRequest): Promise<void> {
		this.settings.wakeUps.forget(permitId);
		const bulkheads = guards.filter(({ policy }) => policy.kind === 'bulkhead');
		if (bulkheads.length > 0) await this.run('withdraw', bulkheads, [permitId]);
	}

	async inspect(address: PolicyAddress): Promise<PolicySnapshot | undefined> {
		const policy = await this.settings.registry.find(address);
		if (!policy) return undefined;
		const reply = (await this.run('inspect', [{ policy, key: address.key }], [])) as string[];
		const [state, ...rest] = reply;
		if (state === undefined) return undefined;
		const figures: Record<string, number> = {};
		for (let index = 0; index < rest.length; index += 2)
			figures[rest[index]!] = Number(rest[index + 1]);
		return { address, state, figures: shown(policy, figures) };
	}

	async override(policy: PolicyDefinition, key: string, action: OverrideAction): Promise<void> {
		if (policy.kind !== 'circuit-breaker' && action !== 'reset') return;
		const { registry, newRequestId } = this.settings;
		registry.note(policy);
		await this.run('override', [{ policy, key }], [action], {
			marks: [newRequestId()],
		});
	}

	/**
	 * Resolves when the store does its work: a server that answers may still refuse to write, or to run our scripts.
	 * @throws {StoreError}
	 */
	async check(): Promise<void> {
		await this.run('override', [PROBE], ['reset'], { marks: [this.settings.newRequestId()] });
	}

	private run<Of extends Pick<Guard, 'policy' | 'key'>>(
		name: CommandName,
		guards: readonly Of[],
		args: readonly Argument[],
		{
			marks = [],
			each,
		}: { marks?: readonly string[]; each?: (guard: Of) => readonly Argument[] } = {},
	): Promise<Reply> {
		const { runner, keys, clock, isTimeOwn } = this.settings;
		const allKeys = marks.map((id) => keys.ofMark(guards[0]!.policy.name, id));
		const allArgs: Argument[] = [isTimeOwn ? clock.now() : '', ...args];
		for (const guard of guards) {
			const { policy, key } = guard;
			allKeys.push(...keys.ofState(policy, key));
			allArgs.push(machineOptions(policy, keys.wakeChannel), ...(each?.(guard) ?? []));
		}
		return runner.run(name, allKeys, allArgs);
	}

	/** A permit for all guards of the request, of which those that are kept in Redis answered. */
	private granted(
		{ permitId, guards }: AdmitRequest,
		asked: readonly Guard[],
		[admittedAt, leased, ...tokens]: readonly number[],
	): Admission {
		const [bucket, calls] = tokens.slice(asked.length);
		let timeoutMs: number | undefined;
		for (const { policy } of guards) {
			if (policy.kind !== 'timeout') continue;
			timeoutMs =
				policy.options.strategy === 'fixed'
					? policy.options.timeoutMs
					: adaptedTimeoutMs(policy.options, calls!, () => endOf(bucket!));
		}
		const tokenOf = new Map(asked.map((guard, index) => [guard, tokens[index]!]));
		const permit: Permit = {
			id: permitId,
			guards,
			tokens: guards.map((guard) => tokenOf.get(guard) ?? 0),
			admittedAt: admittedAt!,
			leased: leased === 1,
			timeoutMs,
		};
		return { status: 'granted', permit };
	}
}

const flag = (is: boolean | undefined): number => (is ? 1 : 0);

const fromReply = (ms: number): number => (ms < 0 ? Infinity : ms);

/** A fixed time-out is the same for every call. */
const isKept = ({ kind, options }: PolicyDefinition): boolean =>
	kind !== 'timeout' || options.strategy === 'adaptive';

/** Whether it must be told how a call ended. */
const isSettled = (policy: PolicyDefinition): boolean =>
	policy.kind === 'rate-limiter'
		? policy.options.adaptive
		: policy.kind !== 'retry-budget' && isKept(policy);

/** Whether a call may hold something of it. */
const isHeld = ({ kind }: PolicyDefinition): boolean =>
	kind === 'circuit-breaker' || kind === 'bulkhead';

const tokensOf = ({ guards, tokens }: Permit): Map<Guard, number> =>
	new Map(guards.map((guard, index) => [guard, tokens[index]!]));

/** Figures as people are to see them. */
function shown(
	policy: PolicyDefinition,
	figures: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
	if (policy.kind !== 'timeout' || policy.options.strategy === 'fixed') return figures;
	const { bucket = 0, calls = 0 } = figures;
	return { timeoutMs: adaptedTimeoutMs(policy.options, calls, () => endOf(bucket)), calls };
}
