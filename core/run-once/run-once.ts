import { CancelledError, RejectedError } from '../errors';
import { describeFailure, type Failure } from '../failure';
import { LONGEST_TURN_MS, raceLimits, type LeaseKeeper } from '../pipeline';
import type { Awaitable, Clock, IdempotencyStore, Run, RunAnswer } from '../ports';
import { outcomeOf, type RunOutcome } from './outcome';
import { beginRequest, type RunOncePolicy } from './policy';
import { lostRun } from './refusal';
import { endOfFailure, endOfResult } from './run-end';

/** What it works with. */
interface RunOnceEnvironment {
	readonly runs: IdempotencyStore;
	readonly clock: Clock;
	readonly leases: LeaseKeeper<Run>;
	/** Makes ids that are unique for ever, across processes. */
	readonly newRunId: () => string;
	/** Reads an error of the work. Default: `describeFailure` of core/failure. */
	readonly describeFailure?: (error: unknown) => Failure;
}

interface RunOnceCall {
	readonly key: string;
	/** Ends waits at once. Work that it stops is not known to have failed: its lease runs out. */
	readonly signal?: AbortSignal;
	/** No wait goes beyond this moment, ms since the epoch. Default: none. */
	readonly deadlineAt?: number;
}

/** Does work once for each key: who comes later waits, gets the result of then, or is turned away. */
export class RunOnce {
	constructor(
		private readonly policy: RunOncePolicy,
		private readonly environment: RunOnceEnvironment,
	) {}

	/**
	 * Does the work, unless another call under the same key is at it or has done it.
	 * @throws {RejectedError} when the call is turned away.
	 * @throws {RunLostError} when the work was done, but another call had taken over.
	 * @throws {CancelledError} when `call.signal` fired while waiting.
	 * @throws whatever the work threw.
	 */
	async execute<T>(work: (run: Run) => Awaitable<T>, call: RunOnceCall): Promise<RunOutcome<T>> {
		const answer = await this.begin(call);
		if (answer.status === 'started') return await this.run(work, answer.run, call);
		const outcome = outcomeOf(this.policy, call.key, answer);
		if (outcome instanceof RejectedError) throw outcome;
		return outcome;
	}

	/** Asks until the answer is final or patience is at an end. */
	private async begin({ key, signal, deadlineAt = Infinity }: RunOnceCall): Promise<RunAnswer> {
		const { runs, clock, newRunId, leases } = this.environment;
		const { whenRunning, maxWaitMs } = this.policy.options;
		const request = beginRequest(this.policy, key, newRunId(), leases.leaseMs);
		const waitUntil = whenRunning === 'wait' ? clock.now() + maxWaitMs : -Infinity;
		for (;;) {
			const answer = await runs.begin(request);
			if (answer.status !== 'running') return answer;
			const leftMs = Math.min(waitUntil, deadlineAt) - clock.now();
			if (leftMs <= 0) {
				await runs.withdraw(request);
				return answer;
			}
			const turnMs = Math.min(leftMs, answer.leaseLeftMs, LONGEST_TURN_MS);
			const turn = runs.awaitEnd(request, turnMs);
			try {
				await raceLimits(turn, clock, { timeoutMs: undefined, scope: 'call', signal });
			} catch (error) {
				await runs.withdraw(request);
				throw error;
			}
		}
	}

	private async run<T>(
		work: (run: Run) => Awaitable<T>,
		run: Run,
		{ signal }: RunOnceCall,
	): Promise<RunOutcome<T>> {
		const { runs, leases } = this.environment;
		if (signal?.aborted) {
			await runs.extend(run, 0);
			throw new CancelledError('starting');
		}
		let value: T;
		leases.keep(run);
		try {
			value = await work(run);
		} catch (error) {
			const describe = this.environment.describeFailure ?? describeFailure;
			if (!signal?.aborted) await runs.end(run, endOfFailure(describe(error)));
			throw error;
		} finally {
			leases.release(run);
		}
		const end = endOfResult(value, this.policy.options);
		if ((await runs.end(run, end)) === 'taken-over') throw lostRun(run);
		return { kind: 'done', value, ...(end.state === 'unkept' && { unkept: end.failure }) };
	}
}
