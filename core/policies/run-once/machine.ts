import type { BeginRequest, Ending, Run, RunAnswer, RunEnd, RunSnapshot } from './run';

interface RunningRecord {
	readonly state: 'running';
	readonly runId: string;
	readonly token: number;
	/** From then on another may take over. */
	readonly leaseUntil: number;
	readonly resultTtlMs: number;
}

interface EndedRecord {
	readonly state: 'ended';
	readonly token: number;
	readonly end: RunEnd;
	readonly endedAt: number;
	readonly resultTtlMs: number;
}

/** By hand. Its token stays known, so that the next run gets a higher one and this one is its owner's no more. */
interface ForgottenRecord {
	readonly state: 'forgotten';
	readonly token: number;
	readonly endedAt: number;
	readonly resultTtlMs: number;
}

/** What is remembered of a piece of work. */
export type RunRecord = RunningRecord | EndedRecord | ForgottenRecord;

/** From when on the record counts no more. That of a run is kept as long as its result, for an end that comes late. */
export const forgottenAt = (record: RunRecord): number =>
	(record.state === 'running' ? record.leaseUntil : record.endedAt) + record.resultTtlMs;

const asOf = (record: RunRecord | undefined, now: number): RunRecord | undefined =>
	record && forgottenAt(record) > now ? record : undefined;

/** Answers a call that wants to do the work; if it may, `record` takes the place of the one given. */
export function beginRun(
	given: RunRecord | undefined,
	request: BeginRequest,
	now: number,
): { answer: RunAnswer; record?: RunRecord } {
	const known = asOf(given, now);
	if (known?.state === 'running' && known.leaseUntil > now) {
		return known.runId === request.runId
			? { answer: started(request, known.token, false) }
			: { answer: { status: 'running', leaseLeftMs: known.leaseUntil - now } };
	}
	if (known?.state === 'ended') {
		const { end, endedAt } = known;
		if (end.state !== 'failed' || request.whenFailed === 'return')
			return { answer: { status: 'ended', end, ageMs: now - endedAt } };
	}
	const { runId, leaseMs, resultTtlMs } = request;
	// The time, so that tokens grow although records are forgotten.
	const token = Math.max(now, (known?.token ?? 0) + 1);
	const record = {
		state: 'running',
		runId,
		token,
		leaseUntil: now + leaseMs,
		resultTtlMs,
	} as const;
	return { answer: started(request, token, known?.state === 'running'), record };
}

/** Renews a lease; undefined when the run is not the one that is known. Late is in time until another took over. */
export function extendRun(
	given: RunRecord | undefined,
	run: Run,
	leaseMs: number,
	now: number,
): RunRecord | undefined {
	const known = asOf(given, now);
	if (known?.state !== 'running' || known.token !== run.token) return undefined;
	return { ...known, leaseUntil: now + leaseMs };
}

/** Ends a run; if that is noted for the first time, `record` takes the place of the one given. */
export function endRun(
	given: RunRecord | undefined,
	run: Run,
	end: RunEnd,
	now: number,
): { ending: Ending; record?: RunRecord } {
	const known = asOf(given, now);
	// One that is older was written before the store lost what came after it.
	if (!known || known.token < run.token) return { ending: 'unknown' };
	if (known.token > run.token) return { ending: 'taken-over' };
	if (known.state === 'ended') return { ending: 'noted' };
	if (known.state === 'forgotten') return { ending: 'unknown' };
	const { token, resultTtlMs } = known;
	return { ending: 'noted', record: { state: 'ended', token, end, endedAt: now, resultTtlMs } };
}

/** What stays of a record that is to be forgotten; undefined when nothing does. */
export function forgetRun(given: RunRecord | undefined, now: number): RunRecord | undefined {
	const known = asOf(given, now);
	if (!known) return undefined;
	const { token, resultTtlMs } = known;
	return { state: 'forgotten', token, endedAt: now, resultTtlMs };
}

/** A record in words; undefined when it counts no more. */
export function inspectRun(given: RunRecord | undefined, now: number): RunSnapshot | undefined {
	const known = asOf(given, now);
	if (!known || known.state === 'forgotten') return undefined;
	const { token } = known;
	if (known.state === 'ended') return { state: known.end.state, token, ageMs: now - known.endedAt };
	const ageMs = now - known.leaseUntil;
	return { state: ageMs < 0 ? 'running' : 'lapsed', token, ageMs };
}

const started = ({ runId, name, key }: BeginRequest, token: number, isTakenOver: boolean) =>
	({ status: 'started', run: { id: runId, name, key, token }, isTakenOver }) as const;
