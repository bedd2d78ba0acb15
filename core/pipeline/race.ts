import { CancelledError, TimeoutError } from '../errors';
import type { Clock } from '../ports';
import type { LazyAttemptContext } from './attempt-context';

/** What ends a wait for work early. */
interface Limits {
	/** In ms; undefined for none. */
	readonly timeoutMs: number | undefined;
	/** Whose timeout it is: this attempt's, or the whole call's. */
	readonly scope: 'attempt' | 'call';
	readonly signal: AbortSignal | undefined;
}

/**
 * Settles as the work does, or rejects when time is up or the caller cancels. The work itself cannot be stopped
 * from here; it is told through `context`'s signal.
 * @throws {TimeoutError} | {CancelledError}
 */
export function raceLimits<T>(
	work: Promise<T>,
	clock: Clock,
	limits: Limits,
	context?: LazyAttemptContext,
): Promise<T> {
	const { timeoutMs, scope, signal } = limits;
	return new Promise<T>((resolve, reject) => {
		const cancelTimer =
			timeoutMs === undefined
				? undefined
				: clock.schedule(() => {
						signal?.removeEventListener('abort', onAbort);
						context?.abort();
						reject(new TimeoutError(timeoutMs, scope));
					}, timeoutMs);
		const onAbort = () => {
			cancelTimer?.();
			context?.abort();
			reject(new CancelledError('running'));
		};
		const clear = () => {
			cancelTimer?.();
			signal?.removeEventListener('abort', onAbort);
		};
		// Also when it is too late already: what the work ends with must not become an unhandled rejection.
		work.then(
			(value) => {
				clear();
				resolve(value);
			},
			(error: unknown) => {
				clear();
				reject(error);
			},
		);
		if (signal?.aborted) return onAbort();
		signal?.addEventListener('abort', onAbort, { once: true });
	});
}
