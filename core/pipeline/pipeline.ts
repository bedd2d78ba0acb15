import { CancelledError, RejectedError, TimeoutError } from '../errors';
import { describeFailure, matchesStatusCode, type Failure } from '../failure';
import type { OutcomeKind } from '../outcome';
import { decideRetry } from '../policies/retry';
import type { Awaitable, Clock, Guard, Permit, PolicyStore, Random } from '../ports';
import { waitForPermit } from './admission';
import { LazyAttemptContext, type AttemptContext } from './attempt-context';
import type { CallKeys, PipelineDefinition } from './definition';
import { bindGuards, type CallGuards } from './guards';
import type { LeaseKeeper } from './lease-keeper';
import { raceLimits } from './race';
import { rejectedBecause } from './rejection';
import { sleep } from './sleep';

/** What a pipeline works with. */
export interface PipelineEnvironment {
	readonly store: PolicyStore;
	readonly clock: Clock;
	readonly random: Random;
	readonly leases: LeaseKeeper;
	/** Makes ids that are unique for ever, across processes. */
	readonly newPermitId: () => string;
	/** Reads an error of the guarded work. Default: {@link describeFailure}. */
	readonly describeFailure?: (error: unknown) => Failure;
}

/** One call through a pipeline. */
export interface Call {
	readonly keys?: CallKeys;
	/** Ends waits at once and tells the work. */
	readonly signal?: AbortSignal;
	/** A deadline handed down from an enclosing call, ms since the epoch. */
	readonly deadlineAt?: number;
	/** Told before each wait for a further attempt. */
	readonly onRetry?: (retry: { attempt: number; delayMs: number; error: unknown }) => void;
}

/** Work to be guarded. */
export type Work<T> = (context: AttemptContext) => Awaitable<T>;

/** Several policies around one kind of work, judged with one admission and one settlement per attempt. */
export class Pipeline {
	private readonly unkeyed: CallGuards;

	constructor(
		private readonly definition: PipelineDefinition,
		private readonly environment: PipelineEnvironment,
	) {
		this.unkeyed = bindGuards(definition, {});
	}

	/**
	 * Runs the work under all policies.
	 * @returns what the work returned.
	 * @throws {RejectedError} when a policy turned the call away.
	 * @throws {TimeoutError} when an attempt or the call took too long.
	 * @throws {CancelledError} when `call.signal` fired.
	 * @throws whatever the last attempt of the work threw.
	 */
	async execute<T>(work: Work<T>, call: Call = {}): Promise<T> {
		const { totalTimeoutMs, retry } = this.definition;
		const { clock } = this.environment;
		const guards = call.keys ? bindGuards(this.definition, call.keys) : this.unkeyed;
		const bounded = totalTimeoutMs !== undefined || retry !== undefined;
		const startedAt = bounded ? clock.now() : 0;
		const deadlineAt = Math.min(
			call.deadlineAt ?? Infinity,
			totalTimeoutMs === undefined ? Infinity : startedAt + totalTimeoutMs,
		);
		if (call.signal?.aborted) throw new CancelledError('starting');

		let previousDelayMs: number | undefined;
		for (let attempt = 1; ; attempt++) {
			const first = attempt === 1;
			try {
				return await this.attempt(
					work,
					attempt,
					first ? guards.first : guards.further,
					deadlineAt,
					call,
				);
			} catch (error) {
				const delayMs = this.delayBeforeRetry(error, attempt, startedAt, previousDelayMs);
				if (delayMs === undefined || clock.now() + delayMs >= deadlineAt) throw error;
				call.onRetry?.({ attempt, delayMs, error });
				await sleep(clock, delayMs, call.signal);
				previousDelayMs = delayMs;
			}
		}
	}

	private async attempt<T>(
		work: Work<T>,
		attempt: number,
		guards: readonly Guard[],
		deadlineAt: number,
		call: Call,
	): Promise<T> {
		const { store, clock, leases } = this.environment;
		const permit =
			guards.length > 0 ? await this.admit(guards, attempt, deadlineAt, call.signal) : undefined;
		const startedAt = clock.now();
		const context = new LazyAttemptContext(attempt, deadlineAt);
		if (permit?.leased) leases.keep(permit);
		let kind: OutcomeKind = 'ignored';
		let timedOut = false;
		try {
			const result = await this.run(work, context, permit, startedAt, call.signal);
			kind = 'success';
			return result;
		} catch (error) {
			kind = this.outcomeOf(error);
			timedOut = error instanceof TimeoutError;
			throw error;
		} finally {
			if (permit) {
				if (permit.leased) leases.release(permit);
				const settled = store.settle(permit, {
					kind,
					latencyMs: clock.now() - startedAt,
					timedOut,
				});
				if (settled instanceof Promise) await settled;
			}
		}
	}

	private admit(
		guards: readonly Guard[],
		attempt: number,
		deadlineAt: number,
		signal: AbortSignal | undefined,
	): Awaitable<Permit> {
		const { store, clock, newPermitId, leases } = this.environment;
		const request = { permitId: newPermitId(), guards, attempt, leaseMs: leases.leaseMs };
		const patience = {
			rateLimiterMaxWaitMs: this.definition.rateLimiterMaxWaitMs ?? 0,
			deadlineAt,
			signal,
		};
		const admission = store.admit(request);
		if (!(admission instanceof Promise) && admission.status === 'granted') return admission.permit;
		return waitForPermit(store, clock, request, admission, patience);
	}

	private run<T>(
		work: Work<T>,
		context: LazyAttemptContext,
		permit: Permit | undefined,
		startedAt: number,
		signal: AbortSignal | undefined,
	): Awaitable<T> {
		const own = permit?.timeoutMs ?? this.definition.attemptTimeout?.options.timeoutMs;
		const leftMs = context.deadlineAt - startedAt;
		if (leftMs <= 0) throw rejectedBecause('DEADLINE_EXCEEDED', '', '', Infinity);
		const timeoutMs = leftMs === Infinity ? own : Math.min(own ?? Infinity, leftMs);
		const running = work(context);
		if (!(running instanceof Promise) || (timeoutMs === undefined && !signal)) return running;

		const scope = timeoutMs === own ? 'attempt' : 'call';
		return raceLimits(running, this.environment.clock, { timeoutMs, scope, signal }, context);
	}

	private outcomeOf(error: unknown): OutcomeKind {
		if (error instanceof CancelledError || error instanceof RejectedError) return 'ignored';
		const ignored = this.definition.circuitBreakers?.[0]?.options.ignoredStatusCodes;
		return ignored && matchesStatusCode(ignored, this.failureOf(error).statusCode)
			? 'ignored'
			: 'failure';
	}

	private delayBeforeRetry(
		error: unknown,
		attempt: number,
		startedAt: number,
		previousDelayMs: number | undefined,
	): number | undefined {
		const { retry } = this.definition;
		if (!retry || error instanceof CancelledError || error instanceof RejectedError)
			return undefined;
		const { clock, random } = this.environment;
		const now = clock.now();
		const progress = { attempt, elapsedMs: now - startedAt, previousDelayMs, now };
		const decision = decideRetry(retry, this.failureOf(error), progress, random);
		return decision.action === 'retry' ? decision.delayMs : undefined;
	}

	private failureOf(error: unknown): Failure {
		return (this.environment.describeFailure ?? describeFailure)(error);
	}
}
