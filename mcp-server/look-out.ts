import type { StackHealth } from '../core/health';
import type { Clock } from '../core/ports';

/** Faults are named within 30 s by looks so far apart. */
const LOOK_EVERY_MS = 5_000;

/** Whoever asks once is likely to ask again, so long after. */
const STAY_AWAKE_MS = 60_000;

/**
 * Looks at the stack every 5 s, so that whoever asks is told what only several looks tell.
 * @param when `asked`: only for a minute after each question, as where nobody else may be waiting for an answer.
 * @returns ends it, when a look that is under way has ended.
 */
export function lookOut(
	health: StackHealth,
	clock: Clock,
	when: 'always' | 'asked',
	onError: (error: Error) => void,
): () => Promise<void> {
	let hasEnded = false;
	let looking: Promise<unknown> = Promise.resolve();
	const look = async (): Promise<void> => {
		if (when === 'asked' && clock.now() - health.askedAt > STAY_AWAKE_MS) return;
		await health.lookOut().catch(onError);
	};
	const next = (): void => {
		if (hasEnded) return;
		cancel = clock.schedule(() => {
			looking = look().finally(next);
		}, LOOK_EVERY_MS);
	};
	let cancel = (): void => undefined;
	next();
	return async () => {
		hasEnded = true;
		cancel();
		await looking;
	};
}
