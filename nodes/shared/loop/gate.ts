import type { INodeExecutionData } from 'n8n-workflow';

import { RejectedError, TimeoutError } from '../../../core/errors';
import {
	LONGEST_TURN_MS,
	patienceLeftMs,
	rejectedBecause,
	rejection,
	sleep,
	waitedMore,
} from '../../../core/pipeline';
import type { Admission, AdmitRequest, BeginRequest, Guard } from '../../../core/ports';
import { beginRequest, outcomeOf, type EarlierOutcome } from '../../../core/run-once';
import type { CallLedger } from '../ledger/call-ledger';
import type { Call } from '../ledger/ledger-data';
import type { OwnPlace } from '../lineage/own-items';
import type { ExecutionPermits } from '../n8n/execution-permits';
import type { ExecutionRuns } from '../n8n/execution-runs';
import type { Services } from '../services';
import type { RunOncePlan } from '../step';
import type { ItemPlace } from '../step-outputs';

/** A call that wants to leave through `Call`, with the item it takes along. */
export interface Candidate {
	readonly call: Call;
	readonly item: INodeExecutionData;
	readonly place: ItemPlace;
	/** Where the item stands already in the step's own run data. */
	readonly stored?: OwnPlace;
	/** Waits for a slot, or for the end of another's work. */
	queued?: Queued;
}

/** A place in line: in the store's queue, or behind another call of this run that has one there. */
interface Queued {
	readonly since: number;
	readonly request?: AdmitRequest;
	/** In place of a request for a slot. */
	readonly begin?: BeginRequest;
	readonly behind?: Candidate;
}

/** What a gate tells of a call. */
interface GateEvents {
	onLeave(candidate: Candidate): void;
	onRejected(candidate: Candidate, error: RejectedError | TimeoutError): Promise<void>;
	/** Its work is done or has failed already. */
	onEndedBefore(candidate: Candidate, outcome: EarlierOutcome): void;
}

/** Lets calls leave as soon as their delay is over and all policies admit them. */
export class Gate {
	private waiting: Candidate[] = [];
	/** By bulkhead or work, and key: the call that stands in the store's queue for all behind it. */
	private readonly heads = new Map<string, Candidate>();

	constructor(
		private readonly services: Services,
		private readonly ledger: CallLedger,
		private readonly permits: ExecutionPermits,
		private readonly runs: ExecutionRuns,
		private readonly events: GateEvents,
		private readonly signal: AbortSignal | undefined,
	) {}

	add(candidate: Candidate): void {
		this.waiting.push(candidate);
	}

	/** Tries every call whose time has come, once. */
	async tryAll(): Promise<void> {
		const left: Candidate[] = [];
		for (const candidate of this.waiting) {
			const { call, queued } = candidate;
			const isNext = queued?.behind !== undefined && !queued.behind.queued;
			const isDue = isNext || call.dueAt <= this.services.clock.now();
			if (!isDue || !(await this.tryOne(candidate))) left.push(candidate);
		}
		this.waiting = left;
	}

	get isEmpty(): boolean {
		return this.waiting.length === 0;
	}

	/** When the next call should be tried; `Infinity` when none waits. */
	get nextDueAt(): number {
		return Math.min(...this.waiting.map(({ call }) => call.dueAt));
	}

	/** The same without those in a queue, which wait until something is set free. */
	get nextDelayEndsAt(): number {
		const delayed = this.waiting.filter(({ queued }) => !queued);
		return Math.min(...delayed.map(({ call }) => call.dueAt));
	}

	get isAnyQueued(): boolean {
		return this.waiting.some(({ queued }) => queued !== undefined);
	}

	/**
	 * Waits until a call may go on.
	 * @throws {CancelledError} at once when the execution is stopped.
	 */
	async waitForNext(): Promise<void> {
		const stop = new AbortController();
		const signal = this.signal ? AbortSignal.any([this.signal, stop.signal]) : stop.signal;
		const delay = sleep(
			this.services.clock,
			Math.max(0, this.nextDueAt - this.services.clock.now()),
			signal,
		);
		const turns = this.waiting.flatMap(({ call, queued }) =>
			queued && !queued.behind ? [this.turnOf(call, queued)] : [],
		);
		try {
			await Promise.race([delay, ...turns]);
		} finally {
			delay.catch(() => {});
			stop.abort();
			if (this.signal?.aborted) await this.holdAll();
		}
	}

	/** Gives up all places in queues and returns what is left, to be taken up in a later run. */
	async holdAll(): Promise<Candidate[]> {
		for (const candidate of this.waiting) {
			const { call, queued } = candidate;
			if (!queued) continue;
			const now = this.services.clock.now();
			if (queued.request) await this.services.store.withdraw(queued.request);
			if (queued.begin) await this.services.runs.withdraw(queued.begin);
			candidate.queued = undefined;
			call.waited = waitedMore(call.waited, { queueMs: now - queued.since });
			call.dueAt = now;
		}
		return this.waiting.splice(0);
	}

	/** Returns whether the call is done with: it left or was rejected. */
	private async tryOne(candidate: Candidate): Promise<boolean> {
		const { call, queued } = candidate;
		const now = this.services.clock.now();
		if (queued) call.waited = waitedMore(call.waited, { queueMs: now - queued.since });
		candidate.queued = undefined;
		const guards = this.ledger.guardsOf(call);
		const permitId = queued?.request?.permitId ?? this.services.newPermitId();
		const request = {
			permitId,
			guards,
			attempt: call.attempt,
			leaseMs: this.services.leases.leaseMs,
		};
		if (call.deadlineAt !== undefined && now >= call.deadlineAt)
			return await this.turnAway(candidate, request, lateness(call, call.deadlineAt));
		const runOnce = this.ledger.runOnceOf(call);
		if (runOnce) return await this.tryToBegin(candidate, runOnce, queued?.begin);
		if (guards.length === 0) {
			this.leave(candidate);
			return true;
		}
		const head = this.headBefore(candidate, guards);
		const admission: Admission = head
			? { status: 'queued', by: bulkheadOf(guards)!, ahead: 1 }
			: await this.services.store.admit(request);
		if (admission.status === 'granted') {
			const { id, tokens, admittedAt, leased, timeoutMs, degraded } = admission.permit;
			await this.permits.hold(admission.permit, this.services);
			call.permit = { id, tokens, admittedAt, leased, timeoutMs, ...(degraded && { degraded }) };
			this.leave(candidate);
			return true;
		}
		const { by } = admission;
		const isQueued = admission.status === 'queued';
		const waitMs = isQueued ? LONGEST_TURN_MS : admission.retryAfterMs;
		const leftMs = patienceLeftMs(admission, this.ledger.definitionOf(call), call.waited);
		const { deadlineAt = Infinity } = call;
		const isWorthIt = isQueued ? leftMs > 0 : waitMs <= leftMs && now + waitMs < deadlineAt;
		if (!isWorthIt) return await this.turnAway(candidate, request, rejection(admission));

		call.dueAt = Math.min(now + waitMs, now + leftMs, deadlineAt);
		if (!isQueued) call.waited = waitedMore(call.waited, { limiterMs: waitMs });
		else if (head) candidate.queued = { since: now, behind: head };
		else {
			candidate.queued = { since: now, request };
			this.heads.set(lineOf(by), candidate);
		}
		return false;
	}

	/** For work that is done once: returns whether the call left, was turned away, or is answered. */
	private async tryToBegin(
		candidate: Candidate,
		{ policy, tokenField }: RunOncePlan,
		earlier: BeginRequest | undefined,
	): Promise<boolean> {
		const { call } = candidate;
		const { clock, runs, runLeases, newPermitId } = this.services;
		const request = earlier ?? beginRequest(policy, call.runKey!, newPermitId(), runLeases.leaseMs);
		const line = lineOf({ policy, key: request.key });
		const head = this.heads.get(line);
		const isBehind = head?.queued?.begin !== undefined && head !== candidate;
		const answer = isBehind
			? ({ status: 'running', leaseLeftMs: Infinity } as const)
			: await runs.begin(request);
		if (answer.status === 'started') {
			const { id, token, degraded } = answer.run;
			const { resultTtlMs } = policy.options;
			await this.runs.hold({ run: answer.run, resultTtlMs, services: this.services });
			call.run = { id, token, ...(degraded && { degraded }) };
			if (tokenField !== '') call.fields = { [tokenField]: token };
			this.leave(candidate);
			return true;
		}

		const { whenRunning, maxWaitMs } = policy.options;
		const now = clock.now();
		const leftMs = whenRunning === 'wait' ? maxWaitMs - (call.waited?.queueMs ?? 0) : 0;
		if (answer.status === 'running' && leftMs > 0) {
			const waitMs = Math.min(LONGEST_TURN_MS, answer.leaseLeftMs, leftMs);
			call.dueAt = Math.min(now + waitMs, call.deadlineAt ?? Infinity);
			candidate.queued = isBehind ? { since: now, behind: head } : { since: now, begin: request };
			if (!isBehind) this.heads.set(line, candidate);
			return false;
		}
		if (answer.status === 'running' && !isBehind) await runs.withdraw(request);
		const outcome = outcomeOf(policy, request.key, answer);
		if (outcome instanceof RejectedError) await this.events.onRejected(candidate, outcome);
		else this.events.onEndedBefore(candidate, outcome);
		return true;
	}

	private async turnAway(
		candidate: Candidate,
		request: AdmitRequest,
		error: RejectedError | TimeoutError,
	): Promise<true> {
		await this.services.store.withdraw(request);
		await this.events.onRejected(candidate, error);
		return true;
	}

	/**
	 * The call of this run that stands in the store's queue for others like it, so that an execution takes one place
	 * there however many items it has. Those of higher priority stand for themselves.
	 */
	private headBefore(candidate: Candidate, guards: readonly Guard[]): Candidate | undefined {
		const guard = bulkheadOf(guards);
		const head = guard && this.heads.get(lineOf(guard));
		if (!guard || !head?.queued?.request || head === candidate) return undefined;
		return guard.priority > (head.call.keys.priority ?? 0) ? undefined : head;
	}

	private leave(candidate: Candidate): void {
		const { call } = candidate;
		const now = this.services.clock.now();
		const timeoutMs =
			call.permit?.timeoutMs ?? this.ledger.definitionOf(call).attemptTimeout?.options.timeoutMs;
		call.waited = undefined;
		call.firstLeftAt ??= now;
		call.leftAt = now;
		call.isOut = true;
		call.degraded = call.permit?.degraded ?? call.run?.degraded;
		call.attemptTimeoutMs = timeoutMs;
		this.events.onLeave(candidate);
	}

	private async turnOf(call: Call, { request, begin }: Queued): Promise<void> {
		if (request) await this.services.store.awaitTurn(request, LONGEST_TURN_MS);
		if (begin) await this.services.runs.awaitEnd(begin, LONGEST_TURN_MS);
		call.dueAt = 0;
	}
}

/** Of a call that may not leave any more: what was never called is turned away, and has not taken too long. */
const lateness = (
	{ attempt, startedAt }: Call,
	deadlineAt: number,
): RejectedError | TimeoutError =>
	attempt === 1
		? rejectedBecause('DEADLINE_EXCEEDED', '', '', Infinity)
		: new TimeoutError(deadlineAt - startedAt, 'call');

const bulkheadOf = (guards: readonly Guard[]): Guard | undefined =>
	guards.find(({ policy }) => policy.kind === 'bulkhead');

/** Not as JSON: it is made for every call that waits, again and again. */
const lineOf = ({
	policy: { name },
	key,
}: {
	readonly policy: { readonly name: string };
	readonly key: string;
}): string => `${name.length}:${name}${key}`;
