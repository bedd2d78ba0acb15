import { CancelledError, PermanentError, RejectedError, TimeoutError } from '../errors';
import { describeFailure } from '../failure';
import type { Outcome } from '../outcome';
import type { Awaitable, Guard, Holding, Permit } from '../ports';
import { waitForPermit } from './admission';
import { LazyAttemptContext, type AttemptContext } from './attempt-context';
import type { Call, Work } from './call';
import type { PipelineDefinition } from './definition';
import type { PipelineEnvironment } from './environment';
import { outcomeOfFailure } from './outcome-of-failure';
import type { CallProgress, RunningProgress } from './postponed';
import { raceLimits } from './race';
import { rejectedBecause } from './rejection';

/** How an attempt ended, but for its times. */
type End = Pick<Outcome, 'kind' | 'timedOut' | 'throttled'>;

const SUCCESS: End = { kind: 'success', timedOut: false, throttled: false };
const IGNORED: End = { kind: 'ignored', timedOut: false, throttled: false };

/**
 * Makes single attempts at work: admission by all guards, the work within its limits, one settlement. Every call
 * comes by here, so it uses promise handlers rather than async functions, which cost twice as much, and reads the
 * clock only where the time matters.
 */
export class Attempts {
	/** Of each attempt, in ms, unless its permit says otherwise. */
	private readonly timeoutMs: number | undefined;

	constructor(
		private readonly definition: PipelineDefinition,
		private readonly environment: PipelineEnvironment,
	) {
		this.timeoutMs = definition.attemptTimeout?.options.timeoutMs;
	}

	/**
	 * @throws {RejectedError} when a guard turns the attempt away, or its deadline has passed.
	 * @throws {TimeoutError} | {PostponedError} | {CancelledError}
	 * @throws whatever the work threw.
	 */
	make<T>(
		work: Work<T>,
		progress: RunningProgress,
		guards: readonly Guard[],
		deadlineAt: number,
		call: Call,
	): Promise<T> {
		const { attempt } = progress;
		if (guards.length === 0) {
			const startedAt = this.startOfUnnoted(deadlineAt);
			return this.start(work, attempt, startedAt, this.timeoutMs, deadlineAt, call);
		}
		if (guards.length === 1) {
			const token = this.environment.store.passToken?.(guards[0]!);
			if (token !== undefined) return this.pass(work, attempt, guards, token, deadlineAt, call);
		}
		const permit = this.admit(guards, progress, deadlineAt, call);
		return permit instanceof Promise
			? permit.then((late) =>
					this.run(work, progress, late, this.environment.clock.now(), deadlineAt, call),
				)
			: this.run(work, progress, permit, permit.admittedAt, deadlineAt, call);
	}

	/** Runs work that was admitted. */
	private run<T>(
		work: Work<T>,
		progress: RunningProgress,
		permit: Permit,
		startedAt: number,
		deadlineAt: number,
		call: Call,
	): Promise<T> {
		const { attempt } = progress;
		if (attempt === 1) progress.firstLeftAt = startedAt;
		if (permit.leased) this.environment.leases.keep(permit);
		const timeoutMs = permit.timeoutMs ?? this.timeoutMs;
		const { degraded } = permit;
		return this.start(work, attempt, startedAt, timeoutMs, deadlineAt, call, degraded).then(
			(result) => this.succeed(permit, startedAt, result),
			(error) => this.fail(permit, startedAt, error),
		);
	}

	/** Runs work that its only guard takes note of only if it fails (see `PolicyStore.passToken`). */
	private pass<T>(
		work: Work<T>,
		attempt: number,
		guards: readonly Guard[],
		token: number,
		deadlineAt: number,
		call: Call,
	): Promise<T> {
		const { store } = this.environment;
		const startedAt = this.startOfUnnoted(deadlineAt);
		return this.start(work, attempt, startedAt, this.timeoutMs, deadlineAt, call).then(
			(result) =>
				store.passToken!(guards[0]!) === token
					? result
					: this.succeed(this.permitFor(guards, token, startedAt), startedAt, result),
			(error) => this.fail(this.permitFor(guards, token, startedAt), startedAt, error),
		);
	}

	/** When work that nobody times begins: 0 unless something limits it. */
	private startOfUnnoted(deadlineAt: number): number {
		const isLimited = this.timeoutMs !== undefined || deadlineAt !== Infinity;
		return isLimited ? this.environment.clock.now() : 0;
	}

	private permitFor(guards: readonly Guard[], token: number, admittedAt: number): Permit {
		const id = this.environment.newPermitId();
		return { id, guards, tokens: [token], admittedAt, leased: false, timeoutMs: undefined };
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
		attempt: number,
		startedAt: number,
		timeoutMs: number | undefined,
		callDeadlineAt: number,
		{ signal }: Call,
		degraded?: Permit['degraded'],
	): Promise<T> {
		// It may have been cancelled while it was admitted.
		if (signal?.aborted) return Promise.reject(new CancelledError('starting'));
		const deadlineAt = Math.min(callDeadlineAt, startedAt + (timeoutMs ?? Infinity));
		const leftMs = deadlineAt - startedAt;
		if (leftMs <= 0) return Promise.reject(rejectedBecause('DEADLINE_EXCEEDED', '', '', Infinity));
		const context = new LazyAttemptContext(attempt, deadlineAt, degraded);
		const running = begin(work, context);
		if (leftMs === Infinity && !signal) return running;
		const scope = leftMs === timeoutMs ? 'attempt' : 'call';
		const limits = { timeoutMs: leftMs === Infinity ? undefined : leftMs, scope, signal } as const;
		return raceLimits(running, this.environment.clock, limits, context);
	}

	private succeed<T>(permit: Permit, startedAt: number, result: T): Awaitable<T> {
		const settled = this.settle(permit, startedAt, SUCCESS);
		return settled instanceof Promise ? settled.then(() => result) : result;
	}

	private async fail(permit: Permit, startedAt: number, error: unknown): Promise<never> {
		await this.settle(permit, startedAt, this.endOf(error));
		throw error;
	}

	private settle(
		permit: Permit,
		startedAt: number,
		{ kind, timedOut, throttled }: End,
	): Awaitable<Holding> {
		const { store, clock, leases } = this.environment;
		if (permit.leased) leases.release(permit);
		const endedAt = clock.now();
		const latencyMs = endedAt - startedAt;
		return store.settle(permit, { kind, latencyMs, timedOut, throttled, endedAt });
	}

	private endOf(error: unknown): End {
		const isNoOutcome = [CancelledError, RejectedError, PermanentError].some(
			(kind) => error instanceof kind,
		);
		if (isNoOutcome) return IGNORED;
		const describe = this.environment.describeFailure ?? describeFailure;
		return {
			...outcomeOfFailure(this.definition, describe(error)),
			timedOut: error instanceof TimeoutError,
		};
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
