import { CancelledError } from '../errors';
import type { Clock } from '../ports';

/**
 * Waits `ms` by the given clock.
 * @throws {CancelledError} at once when the signal fires.
 */
export function sleep(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
	return new Promise((resolve, reject) => {
		if (signal?.aborted) return reject(new CancelledError('waiting'));
		const onAbort = () => {
			cancelTimer();
			reject(new CancelledError('waiting'));
		};
		const cancelTimer = clock.schedule(() => {
			signal?.removeEventListener('abort', onAbort);
			resolve();
		}, ms);
		signal?.addEventListener('abort', onAbort, { once: true });
	});
}
