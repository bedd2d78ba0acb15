/** What is known of an error, whatever threw it: the one shape that rules and breakers look at. */
export interface Failure {
	readonly message: string;
	/** The error's class or type, e.g. `AxiosError`. */
	readonly name?: string;
	/** The error's code, e.g. `ECONNRESET`. */
	readonly code?: string;
	/** HTTP status. */
	readonly statusCode?: number;
	/** The `Retry-After` header as received. */
	readonly retryAfter?: string;
}

/** Whether a service refused a call because it gets too many. */
export const isThrottled = ({ statusCode }: Failure): boolean => statusCode === 429;

/** Whether a number can be an HTTP status. */
export const isStatusCode = (value: number): boolean =>
	Number.isInteger(value) && value >= 100 && value <= 599;

const RANGE = /^\s*(\d{3})\s*(?:-\s*(\d{3})\s*)?$/;

/** Reads `429` or `500-599`; undefined where a text is neither. */
function readRange(text: string): { from: number; to: number } | undefined {
	const [, first, last = first] = RANGE.exec(text) ?? [];
	const [from, to] = [Number(first), Number(last)];
	return from <= to ? { from, to } : undefined;
}

/** Whether a text is a list of status codes and ranges, e.g. `429, 500-599`. */
export const isStatusCodeList = (list: string): boolean =>
	list.split(',').every((part) => readRange(part) !== undefined);

/** Whether a status code is in a list such as `429, 500-599`. */
export function matchesStatusCode(list: string, statusCode: number | undefined): boolean {
	if (statusCode === undefined) return false;
	return list.split(',').some((part) => {
		const range = readRange(part);
		return range !== undefined && statusCode >= range.from && statusCode <= range.to;
	});
}

/** Client errors that say the request was wrong: neither worth a retry nor the service's fault. */
export const CLIENT_ERRORS = '400-407, 409-424, 426-428, 430-499';

/** Reads what it can off anything thrown; never throws itself. */
export function describeFailure(error: unknown): Failure {
	try {
		if (typeof error !== 'object' || error === null) return { message: String(error) };
		const { message, name, code, status, statusCode } = error as Record<string, unknown>;
		return {
			message: typeof message === 'string' ? message : '',
			name: typeof name === 'string' ? name : undefined,
			code: typeof code === 'string' ? code : undefined,
			statusCode: firstStatus(statusCode, status, code),
		};
	} catch {
		// A getter or a proxy of the guarded work's own making.
		return { message: '' };
	}
}

function firstStatus(...candidates: unknown[]): number | undefined {
	for (const candidate of candidates) {
		if (typeof candidate !== 'number' && typeof candidate !== 'string') continue;
		const status = Number(candidate);
		if (isStatusCode(status)) return status;
	}
	return undefined;
}
