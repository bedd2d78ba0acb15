import type { Random } from '../../random';
import type { RetryOptions } from './options';

/**
 * Delay before the attempt after `attempt` (1 = first), in ms, within [0, maxDelayMs].
 * Jitter as in "Exponential Backoff and Jitter" (AWS Architecture Blog).
 */
export function backoffDelayMs(
	options: RetryOptions,
	attempt: number,
	previousDelayMs: number | undefined,
	random: Random,
): number {
	const { delayMs, maxDelayMs, jitter } = options;
	if (jitter === 'decorrelated') {
		const upTo = Math.max(delayMs, (previousDelayMs ?? delayMs) * 3);
		return Math.min(maxDelayMs, delayMs + random() * (upTo - delayMs));
	}
	const delay = Math.min(maxDelayMs, unjittered(options, attempt));
	switch (jitter) {
		case 'none':
			return delay;
		case 'full':
			return random() * delay;
		case 'equal':
			return delay / 2 + random() * (delay / 2);
	}
}

function unjittered(
	{ backoffType, delayMs, backoffMultiplier }: RetryOptions,
	attempt: number,
): number {
	switch (backoffType) {
		case 'constant':
			return delayMs;
		case 'linear':
			return delayMs * attempt;
		case 'exponential':
			// Nothing stays nothing, also where the power has grown to infinity.
			return delayMs && delayMs * backoffMultiplier ** (attempt - 1);
	}
}
