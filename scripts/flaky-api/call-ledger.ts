/** How many calls of one endpoint and key are remembered by time; older ones only count. */
const REMEMBERED_CALLS = 10_000;

/** What is known about the calls of one endpoint under one key. */
export interface CallRecord {
	calls: number;
	inFlight: number;
	maxInFlight: number;
	/** How often each status was answered. */
	statuses: Record<string, number>;
	/** When the latest calls arrived, in ms since 1970, oldest first. */
	arrivals: number[];
}

/** A call's place in the ledger: its record, and its number under that endpoint and key, from 1. */
export interface LedgerEntry {
	record: CallRecord;
	callNumber: number;
}

/** Counts calls by endpoint and key, so that tests can say what really arrived. */
export class CallLedger {
	private readonly records = new Map<string, Map<string, CallRecord>>();

	begin(endpoint: string, key: string, nowMs: number): LedgerEntry {
		const record = this.record(endpoint, key);
		record.calls += 1;
		record.inFlight += 1;
		record.maxInFlight = Math.max(record.maxInFlight, record.inFlight);
		record.arrivals.push(nowMs);
		if (record.arrivals.length > 2 * REMEMBERED_CALLS) {
			record.arrivals.splice(0, record.arrivals.length - REMEMBERED_CALLS);
		}
		return { record, callNumber: record.calls };
	}

	/** Ends a call; `status` is undefined when the caller left before the answer. */
	end(record: CallRecord, status: number | undefined): void {
		record.inFlight -= 1;
		const name = status === undefined ? 'abandoned' : String(status);
		record.statuses[name] = (record.statuses[name] ?? 0) + 1;
	}

	/** Every record, as [endpoint, key, record]. */
	*all(): Generator<[endpoint: string, key: string, record: CallRecord]> {
		for (const [endpoint, byKey] of this.records) {
			for (const [key, record] of byKey) yield [endpoint, key, record];
		}
	}

	/** Forgets everything, or one key of every endpoint. Calls in flight end in the old records. */
	reset(key: string | undefined): void {
		if (key === undefined) this.records.clear();
		else for (const byKey of this.records.values()) byKey.delete(key);
	}

	private record(endpoint: string, key: string): CallRecord {
		let byKey = this.records.get(endpoint);
		if (!byKey) this.records.set(endpoint, (byKey = new Map<string, CallRecord>()));
		let record = byKey.get(key);
		if (!record) {
			record = { calls: 0, inFlight: 0, maxInFlight: 0, statuses: {}, arrivals: [] };
			byKey.set(key, record);
		}
		return record;
	}
}
