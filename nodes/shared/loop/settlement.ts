import { TimeoutError } from '../../../core/errors';
import type { Failure } from '../../../core/failure';
import { decideNextAttempt, outcomeOfFailure } from '../../../core/pipeline';
import type { CallLedger } from '../ledger/call-ledger';
import type { Ending, RunEnd } from '../../../core/ports';
import { endOfFailure } from '../../../core/run-once';
import type { Call } from '../ledger/ledger-data';
import type { ExecutionPermits } from '../n8n/execution-permits';
import type { ExecutionRuns } from '../n8n/execution-runs';
import type { Services } from '../services';
import { failureOf } from '../step-outputs';

/** What follows a call's attempt. */
type Verdict =
	| { readonly kind: 'success' }
	| { readonly kind: 'retry' }
	| {
			readonly kind: 'failed';
			readonly late: boolean;
			readonly failure: Failure;
			readonly gaveUp?: string;
	  };

/** Ends attempts that came back: tells the policies how they went, and decides what follows. */
export class Settlement {
	constructor(
		private readonly services: Services,
		private readonly ledger: CallLedger,
		private readonly permits: ExecutionPermits,
		private readonly runs: ExecutionRuns,
	) {}

	/** Ends the attempt that came back `now`. On `retry` the call is due for its next attempt; else it is closed. */
	async settle(call: Call, reported: Failure | undefined, now: number): Promise<Verdict> {
		const late = timeOutOf(call, now);
		const failure = late ? failureOf(late) : reported;
		await this.report(call, failure, late !== undefined, now);
		call.isOut = false;
		if (!failure) {
			this.ledger.close(call);
			return { kind: 'success' };
		}
		const next = decideNextAttempt(
			this.ledger.definitionOf(call),
			call,
			failure,
			call.deadlineAt ?? Infinity,
			now,
			this.services.random,
		);
		if (next.action === 'give-up') {
			this.ledger.close(call);
			return { kind: 'failed', late: late !== undefined, failure, gaveUp: next.reason };
		}
		this.ledger.supersede(call);
		call.failure = failure;
		call.attempt = next.progress.attempt;
		call.previousDelayMs = next.progress.previousDelayMs;
		call.dueAt = next.dueAt;
		return { kind: 'retry' };
	}

	/** Ends attempts whose items never came back. */
	async forget(calls: readonly Call[]): Promise<void> {
		for (const call of calls) {
			if (call.permit) await this.permits.giveBack(call.permit.id);
			await this.endRun(call, endOfFailure({ message: 'The protected nodes lost the item' }));
			this.ledger.close(call);
		}
	}

	/** Ends the run of a call that has one. */
	async endRun(call: Call, end: RunEnd): Promise<Ending | undefined> {
		if (!call.run) return undefined;
		const { name } = this.ledger.runOnceOf(call)!.policy;
		const run = this.runs.takeOut(call.run.id) ?? { ...call.run, name, key: call.runKey! };
		call.run = undefined;
		return await this.services.runs.end(run, end);
	}

	private async report(
		call: Call,
		failure: Failure | undefined,
		timedOut: boolean,
		now: number,
	): Promise<void> {
		if (!call.permit) return;
		const definition = this.ledger.definitionOf(call);
		const permit = this.permits.takeOut(call.permit.id) ?? {
			...call.permit,
			guards: this.ledger.guardsOf(call),
		};
		call.permit = undefined;
		const end = failure
			? outcomeOfFailure(definition, failure)
			: ({ kind: 'success', throttled: false } as const);
		await this.services.store.settle(permit, { ...end, latencyMs: latencyOf(call, now), timedOut });
	}
}

/**
 * How long an attempt took: its share of the time that all which left together were out. So many items, each of them
 * fast, do not look slow together; of calls that ran at once it is less than each took.
 */
const latencyOf = ({ leftAt, leftWith }: Call, now: number): number => (now - leftAt) / leftWith;

/** The timeout that an attempt which ends now has missed: its own, or the whole call's. */
function timeOutOf(call: Call, now: number): TimeoutError | undefined {
	const { startedAt, attemptTimeoutMs = Infinity, deadlineAt = Infinity } = call;
	if (latencyOf(call, now) > attemptTimeoutMs) return new TimeoutError(attemptTimeoutMs, 'attempt');
	return now > deadlineAt ? new TimeoutError(deadlineAt - startedAt, 'call') : undefined;
}
