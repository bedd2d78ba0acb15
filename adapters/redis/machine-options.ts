import type { PolicyDefinition } from '../../core/ports';

const LIMITER_OPTIONS = [
	'algorithm',
	'limit',
	'periodMs',
	'burst',
	'reservedForPriority',
	'adaptive',
];
const ADAPTIVE_LIMITER_OPTIONS = [
	'backoffRatio',
	'minimumLimit',
	'backoffIntervalMs',
	'recoveryMs',
	'slowCallDurationThresholdMs',
];
const BULKHEAD_OPTIONS = ['strategy', 'maxConcurrentCalls', 'maxQueueSize', 'maxWaitDurationMs'];
const BREAKER_OPTIONS_UNUSED = ['ignoredStatusCodes', 'scope', 'quorum'];

/**
 * What scripts need to know of a policy, as JSON: its kind and those of its options that its machine uses; of a
 * bulkhead also where scripts call for the processes whose calls wait.
 */
export function machineOptions({ kind, options }: PolicyDefinition, wakeChannel: string): string {
	switch (kind) {
		case 'rate-limiter':
			return json(
				kind,
				options,
				options.adaptive ? [...LIMITER_OPTIONS, ...ADAPTIVE_LIMITER_OPTIONS] : LIMITER_OPTIONS,
			);
		case 'retry-budget':
		case 'breaker-quorum':
			return json(kind, options);
		case 'circuit-breaker':
			return json(
				kind,
				options,
				Object.keys(options).filter((name) => !BREAKER_OPTIONS_UNUSED.includes(name)),
			);
		case 'bulkhead':
			return json(
				kind,
				{ ...options, wakeChannel },
				options.strategy === 'fixed' ? [...BULKHEAD_OPTIONS, 'wakeChannel'] : undefined,
			);
		case 'timeout':
			return json(kind, options, ['percentile', 'windowMs']);
	}
}

/** `only` the options of these names, or all. */
const json = (kind: string, options: object, only?: readonly string[]): string =>
	JSON.stringify({ kind, ...options }, only && ['kind', ...only]);
