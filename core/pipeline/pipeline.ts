import { CancelledError, PermanentError, RejectedError } from '../errors';
import { describeFailure } from '../failure';
import type { Guard } from '../ports';
import { Attempts } from './attempt';
import type { Call, Work } from './call';
import { deadlineOf, type PipelineDefinition } from './definition';
import type { PipelineEnvironment } from './environment';
import { bindGuards, type CallGuards } from './guards';
import { decideNextAttempt, type NextAttempt } from './next-attempt';
import { PostponedError, type CallProgress, type RunningProgress } from './postponed';
import { sleep } from './sleep';

/** Several policies around one kind of work, judged with one admission and one settlement per attempt. */
export class Pipeline {
	private readonly unkeyed: CallGuards;
	private readonly attempts: Attempts;

	constructor(
		private readonly definition: PipelineDefinition,
		private readonly environment: PipelineEnvironment,
	) {
		this.unkeyed = bindGuards(definition, {});
		this.attempts = new Attempts(definition, environment);
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
		const progress: RunningProgress = call.resume
			? { ...call.resume }
			: {
					attempt: 1,
					startedAt: bounded ? this.environment.clock.now() : 0,
					firstLeftAt: undefined,
				};
		const { attempt, startedAt } = progress;
		const deadlineAt = deadlineOf(this.definition, startedAt, call.deadlineAt ?? Infinity);
		const next = attempt === 1 ? guards.first : guards.further;
		const tried = this.attempts.make(work, progress, next, deadlineAt, call);
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
			const next = this.nextAttempt(error, progress, deadlineAt);
			if (next?.action !== 'retry') throw error;
			const { delayMs, dueAt } = next;
			progress = next.progress;
			if (delayMs >= (call.longestWaitMs ?? Infinity)) throw new PostponedError(dueAt, progress);
			await sleep(clock, delayMs, call.signal);
			try {
				return await this.attempts.make(work, progress, guards, deadlineAt, call);
			} catch (failure) {
				// Without a budget for retries the failure that asked for one stands.
				if (failure instanceof RejectedError && failure.code === 'RETRY_BUDGET_EXHAUSTED')
					throw error;
				error = failure;
			}
		}
	}

	/** Undefined where it is not the work that failed. */
	private nextAttempt(
		error: unknown,
		failed: CallProgress,
		deadlineAt: number,
	): NextAttempt | undefined {
		const isOurs = [CancelledError, RejectedError, PostponedError, PermanentError].some(
			(kind) => error instanceof kind,
		);
		if (isOurs) return undefined;
		const { clock, random, describeFailure: describe = describeFailure } = this.environment;
		const failure = describe(error);
		return decideNextAttempt(this.definition, failed, failure, deadlineAt, clock.now(), random);
	}
}
