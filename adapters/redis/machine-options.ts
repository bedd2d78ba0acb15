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
const BREAKER_OPTIONS_UNUSED = ['ignoredStatusCodes'];

const known = new WeakMap<PolicyDefinition, string>();

/** Those of a policy's options that its machine uses, as JSON. Made once for a policy. */
export function machineOptions(policy: PolicyDefinition): string {
	let made = known.get(policy);
	if (made === undefined) {
		made = make(policy);
		known.set(policy, made);
	}
	return made;
}

function make({ kind, options }: PolicyDefinition): string {
	switch (kind) {
		case 'rate-limiter':
			return only(
				options,
				options.adaptive ? [...LIMITER_OPTIONS, ...ADAPTIVE_LIMITER_OPTIONS] : LIMITER_OPTIONS,
			);
		case 'retry-budget':
			return JSON.stringify(options);
		case 'circuit-breaker':
			return only(
				options,
				Object.keys(options).filter((name) => !BREAKER_OPTIONS_UNUSED.includes(name)),
			);
		case 'bulkhead':
			return options.strategy === 'fixed'
				? only(options, BULKHEAD_OPTIONS)
				: JSON.stringify(options);
		case 'timeout':
			return only(options, ['percentile', 'windowMs']);
	}
}

const only = (options: object, names: readonly string[]): string =>
	JSON.stringify(options, [...names]);
