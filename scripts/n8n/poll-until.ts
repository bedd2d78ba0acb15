import { delay } from './delay.ts';

export interface PollOptions {
	/** What is waited for, for the error's text. */
	what: string;
	timeoutMs: number;
	/** Time between two looks. Default 200 ms. */
	everyMs?: number;
	signal?: AbortSignal;
}

/** Looks until `look` gives something other than undefined, and returns it. */
export async function pollUntil<T>(
	look: () => Promise<T | undefined> | T | undefined,
	{ what, timeoutMs, everyMs = 200, signal }: PollOptions,
): Promise<T> {
	const deadline = Date.now() + timeoutMs;
	for (;;) {
		const seen = await look();
		if (seen !== undefined) return seen;
		if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
		await delay(everyMs, signal);
	}
}
