import type { INodeExecutionData } from 'n8n-workflow';

import { TimeoutError, type RejectedError } from '../../../core/errors';
import { rejection, sleep } from '../../../core/pipeline';
import type { AdmitRequest, Guard } from '../../../core/ports';
import type { ExecutionPermits } from '../n8n/execution-permits';
import { services } from '../services';
import type { ItemPlace } from '../step-outputs';
import type { Call, CallLedger } from './call-ledger';

/** A call that wants to leave through `Call`, with the item it takes along. */
export interface Candidate {
	readonly call: Call;
	readonly item: INodeExecutionData;
	readonly place: ItemPlace;
	/** The request in a queue, so that it can be given up. */
	queued?: { request: AdmitRequest; since: number };
}

/** What a gate tells of a call. */
export interface GateEvents {
	onLeave(candidate: Candidate): void;
	onRejected(candidate: Candidate, error: RejectedError | TimeoutError): Promise<void>;
}

/** How long a waiting call sleeps at most before it shows its place in the queue again. */
const LONGEST_TURN_MS = 1_000;

/** Lets calls leave as soon as their delay is over and all policies admit them. */
export class Gate {
	private readonly waiting: Candidate[] = [];

	constructor(
		private readonly ledger: CallLedger,
		private readonly permits: ExecutionPermits,
		private readonly events: GateEvents,
		private readonly signal: AbortSignal | undefined,
	) {}

	add(candidate: Candidate): void {
		this.waiting.push(candidate);
	}

	/** Tries every call whose time has come, once. */
	async tryAll(): Promise<void> {
		for (const candidate of [...this.waiting]) {
			if (candidate.call.dueAt > services.clock.now()) continue;
			if (await this.tryOne(candidate)) this.waiting.splice(this.waiting.indexOf(candidate), 1);
		}
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
		const delay = sleep(services.clock, Math.max(0, this.nextDueAt - services.clock.now()), signal);
		const turns = this.waiting.flatMap((candidate) =>
			candidate.queued ? [this.turnOf(candidate)] : [],
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
			const now = services.clock.now();
			await services.store.withdraw(queued.request);
			candidate.queued = undefined;
			call.waitedMs += now - queued.since;
			call.dueAt = now;
		}
		return this.waiting.splice(0);
	}

	/** Returns whether the call is done with: it left or was rejected. */
	private async tryOne(candidate: Candidate): Promise<boolean> {
		const { call } = candidate;
		const now = services.clock.now();
		if (call.deadlineAt !== undefined && now >= call.deadlineAt) {
			if (candidate.queued) await services.store.withdraw(candidate.queued.request);
			await this.events.onRejected(
				candidate,
				new TimeoutError(call.deadlineAt - call.startedAt, 'call'),
			);
			return true;
		}
		const guards = this.ledger.guardsOf(call);
		if (guards.length === 0) {
			this.leave(candidate);
			return true;
		}
		const permitId = candidate.queued?.request.permitId ?? services.newPermitId();
		const request = { permitId, guards, attempt: call.attempt, leaseMs: services.leases.leaseMs };
		const admission = await services.store.admit(request);
		if (candidate.queued) call.waitedMs += now - candidate.queued.since;
		if (admission.status === 'granted') {
			const { id, tokens, admittedAt, leased, timeoutMs } = admission.permit;
			await this.permits.hold(admission.permit);
			call.permit = { id, tokens, admittedAt, leased, timeoutMs };
			this.leave(candidate);
			return true;
		}
		const { by } = admission;
		const waitMs = admission.status === 'rejected' ? admission.retryAfterMs : LONGEST_TURN_MS;
		const patienceMs = this.patienceMs(call, by, admission.status) - call.waitedMs;
		const { deadlineAt = Infinity } = call;
		const isWorthIt =
			admission.status === 'queued'
				? patienceMs > 0
				: waitMs <= patienceMs && now + waitMs < deadlineAt;
		if (isWorthIt) {
			call.dueAt = Math.min(now + waitMs, now + patienceMs, deadlineAt);
			candidate.queued = admission.status === 'queued' ? { request, since: now } : undefined;
			if (!candidate.queued) call.waitedMs += waitMs;
			return false;
		}
		await services.store.withdraw(request);
		await this.events.onRejected(
			candidate,
			rejection(by, admission.status === 'rejected' ? waitMs : Infinity),
		);
		return true;
	}

	/** How long a call waits for the policy that does not let it through, in ms. */
	private patienceMs(call: Call, { policy }: Guard, status: 'rejected' | 'queued'): number {
		if (policy.kind === 'rate-limiter')
			return this.ledger.definitionOf(call).rateLimiterMaxWaitMs ?? 0;
		return policy.kind === 'bulkhead' && status === 'queued' ? policy.options.maxWaitDurationMs : 0;
	}

	private leave(candidate: Candidate): void {
		const { call } = candidate;
		const now = services.clock.now();
		const timeoutMs =
			call.permit?.timeoutMs ?? this.ledger.definitionOf(call).attemptTimeout?.options.timeoutMs;
		call.leftAt = now;
		call.isOut = true;
		call.attemptDeadlineAt = timeoutMs === undefined ? undefined : now + timeoutMs;
		this.events.onLeave(candidate);
	}

	private async turnOf({ call, queued }: Candidate): Promise<void> {
		await services.store.awaitTurn(queued!.request, LONGEST_TURN_MS);
		call.dueAt = 0;
	}
}
