import type { CallLedger, LedgerEntry } from './call-ledger.ts';
import type { FixedWindows } from './fixed-windows.ts';
import type { Outages } from './outages.ts';
import type { Parameters } from './parameters.ts';

/** A call as an endpoint sees it. */
export interface Call extends LedgerEntry {
	method: string;
	/** The rest of the path after the endpoint's name: `/status/503` gives `['503']`. */
	segments: string[];
	parameters: Parameters;
	headers: Record<string, string | string[] | undefined>;
	/** The body: parsed where it is JSON, else text; undefined where there is none. */
	body: unknown;
	/** Whose counters this call belongs to: `?key=`, else `default`. */
	key: string;
	/** Resolves after that time, or at once when the caller leaves. */
	hold(ms: number): Promise<void>;
}

/** What the endpoints share. */
export interface FlakyState {
	ledger: CallLedger;
	outages: Outages;
	windows: FixedWindows;
	now(): number;
}

export interface Reply {
	status: number;
	headers?: Record<string, string>;
	body: unknown;
}

/** One endpoint: what it does in words, and in code. */
export interface Endpoint {
	/** The first segment of its path. */
	name: string;
	/** Methods it answers; any when left out. */
	methods?: string[];
	/** One line for people; `GET /` lists it. */
	summary: string;
	/** Its query parameters and what they mean. */
	parameters: Record<string, string>;
	/** True when its calls are not counted: endpoints that look at or change the API itself. */
	uncounted?: boolean;
	handle(call: Call, state: FlakyState): Promise<Reply> | Reply;
}
