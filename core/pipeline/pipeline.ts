import { CancelledError, PermanentError, RejectedError, TimeoutError } from '../errors';
import { describeFailure, type Failure } from '../failure';
import type { OutcomeKind } from '../outcome';
import { decideRetry } from '../policies/retry';
import type { Awaitable, Clock, Guard, Holding, Permit, PolicyStore, Random } from '../ports';
import { waitForPermit } from './admission';
import { LazyAttemptContext, type AttemptContext } from './attempt-context';
import type { CallKeys, PipelineDefinition } from './definition';
import { bindGuards, type CallGuards } from './guards';
import type { LeaseKeeper } from './lease-keeper';
import { outcomeOfFailure } from './outcome-of-failure';
import { PostponedError, type CallProgress } from './postponed';
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
	/** A wait of at least this long is not waited: the call rejects with a {@link PostponedError}. Default: none is too long. */
	readonly longestWaitMs?: number;
	/** Goes on with a call that was postponed. */
	readonly resume?: CallProgress;
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
	 * @throws {PostponedError} when a wait would take `call.longestWaitMs` or longer.
	 * @throws {CancelledError} when `call.signal` fired.
	 * @throws whatever the last attempt of the work threw.
	 */
	execute<T>(work: Work<T>, call: Call = {}): Promise<T> {
		if (call.signal?.aborted) return Promise.reject(new CancelledError('starting'));
		const { totalTimeoutMs, retry } = this.definition;
		const guards = call.keys ? bindGuards(this.definition, call.keys) : this.unkeyed;
		const bounded = totalTimeoutMs !== undefined || retry !== undefined;
		const progress = call.resume ?? {
			attempt: 1,
			startedAt: bounded ? this.environment.clock.now() : 0,
		};
		const { attempt, startedAt } = progress;
		const deadlineAt = Math.min(
			call.deadlineAt ?? Infinity,
			totalTimeoutMs === undefined ? Infinity : startedAt + totalTimeoutMs,
		);
		const next = attempt === 1 ? guards.first : guards.further;
		const tried = this.attempt(work, progress, next, deadlineAt, call);
		return retry
			? tried.catch((error) =>
					this.tryAgain(error, work, progress, guards.further, deadlineAt, call),
				)
			: tried;
	}

	private async tryAgain<T>(
		firstError: unknown,
		work: Work<T>,
		failed: CallProgress,
		guards: readonly Guard[],
		deadlineAt: number,
		call: Call,
	): Promise<T> {
		const { clock } = this.environment;
		let error = firstError;
		let progress = failed;
		for (;;) {
			const delayMs = this.delayBeforeRetry(error, progress);
			const dueAt = clock.now() + (delayMs ?? 0);
			if (delayMs === undefined || dueAt >= deadlineAt) throw error;
			call.onRetry?.({ attempt: progress.attempt, delayMs, error });
			progress = {
				attempt: progress.attempt + 1,
				startedAt: progress.startedAt,
				previousDelayMs: delayMs,
			};
			if (delayMs >= (call.longestWaitMs ?? Infinity)) throw new PostponedError(dueAt, progress);
			await sleep(clock, delayMs, call.signal);
			try {
				return await this.attempt(work, progress, guards, deadlineAt, call);
			} catch (failure) {
				// Without a budget for retries the failure that asked for one stands.
				if (failure instanceof RejectedError && failure.code === 'RETRY_BUDGET_EXHAUSTED')
					throw error;
				error = failure;
			}
		}
	}

	private attempt<T>(
		work: Work<T>,
		progress: CallProgress,
		guards: readonly Guard[],
		deadlineAt: number,
		call: Call,
	): Promise<T> {
		const { clock } = this.environment;
		const { attempt } = progress;
		if (guards.length === 0)
			return this.run(work, attempt, undefined, clock.now(), deadlineAt, call);
		const permit = this.admit(guards, progress, deadlineAt, call);
		return permit instanceof Promise
			? permit.then((late) => this.run(work, attempt, late, clock.now(), deadlineAt, call))
			: this.run(work, attempt, permit, permit.admittedAt, deadlineAt, call);
	}

	/** Promise handlers rather than an async function: they cost half as much, and every call comes by here. */
	private run<T>(
		work: Work<T>,
		attempt: number,
		permit: Permit | undefined,
		startedAt: number,
		deadlineAt: number,
		{ signal }: Call,
	): Promise<T> {
		const timeoutMs = permit?.timeoutMs ?? this.definition.attemptTimeout?.options.timeoutMs;
		const attemptDeadlineAt = Math.min(deadlineAt, startedAt + (timeoutMs ?? Infinity));
		const context = new LazyAttemptContext(attempt, attemptDeadlineAt);
		if (permit?.leased) this.environment.leases.keep(permit);
		const running = this.start(work, context, startedAt, timeoutMs, signal);
		if (!permit) return running;
		return running.then(
			(result) => {
				const settled = this.settle(permit, startedAt, 'success', false);
				return settled instanceof Promise ? settled.then(() => result) : result;
			},
			async (error) => {
				await this.settle(permit, startedAt, this.outcomeOf(error), error instanceof TimeoutError);
				throw error;
			},
		);
	}

	private settle(
		permit: Permit,
		startedAt: number,
		kind: OutcomeKind,
		timedOut: boolean,
	): Awaitable<Holding> {
		const { store, clock, leases } = this.environment;
		if (permit.leased) leases.release(permit);
		const endedAt = clock.now();
		return store.settle(permit, { kind, latencyMs: endedAt - startedAt, timedOut, endedAt });
	}

	private admit(
		guards: readonly Guard[],
		progress: CallProgress,
		deadlineAt: number,
		{ signal, longestWaitMs = Infinity }: Call,
	): Awaitable<Permit> {
		const { store, clock, newPermitId, leases } = this.environment;
		const { attempt } = progress;
		const request = { permitId: newPermitId(), guards, attempt, leaseMs: leases.leaseMs };
		const admission = store.admit(request);
		if (!(admission instanceof Promise) && admission.status === 'granted') return admission.permit;
		const rateLimiterMaxWaitMs = this.definition.rateLimiterMaxWaitMs ?? 0;
		const patience = { rateLimiterMaxWaitMs, deadlineAt, signal, longestWaitMs, progress };
		return waitForPermit(store, clock, request, admission, patience);
	}

	private start<T>(
		work: Work<T>,
		context: LazyAttemptContext,
		startedAt: number,
		attemptTimeoutMs: number | undefined,
		signal: AbortSignal | undefined,
	): Promise<T> {
		// It may have been cancelled while it was admitted.
		if (signal?.aborted) return Promise.reject(new CancelledError('starting'));
		const leftMs = context.deadlineAt - startedAt;
		if (leftMs <= 0) return Promise.reject(rejectedBecause('DEADLINE_EXCEEDED', '', '', Infinity));
		const running = begin(work, context);
		if (leftMs === Infinity && !signal) return running;
		const timeoutMs = leftMs === Infinity ? undefined : leftMs;
		const scope = timeoutMs === attemptTimeoutMs ? 'attempt' : 'call';
		return raceLimits(running, this.environment.clock, { timeoutMs, scope, signal }, context);
	}

	private outcomeOf(error: unknown): OutcomeKind {
		const isNoOutcome = [CancelledError, RejectedError, PermanentError].some(
			(kind) => error instanceof kind,
		);
		if (isNoOutcome) return 'ignored';
		return outcomeOfFailure(this.definition, this.failureOf(error));
	}

	private delayBeforeRetry(
		error: unknown,
		{ attempt, startedAt, previousDelayMs }: CallProgress,
	): number | undefined {
		const { retry } = this.definition;
		const isOurs = [CancelledError, RejectedError, PostponedError, PermanentError].some(
			(kind) => error instanceof kind,
		);
		if (!retry || isOurs) return undefined;
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

/** What the work throws at once it rejects with. */
function begin<T>(work: Work<T>, context: AttemptContext): Promise<T> {
	try {
		return Promise.resolve(work(context));
	} catch (error) {
		return Promise.reject(error);
	}
}
