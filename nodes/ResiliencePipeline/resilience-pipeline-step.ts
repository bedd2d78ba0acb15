import type { z } from 'zod';

import { bulkheadOptions } from '../../core/policies/bulkhead';
import { circuitBreakerOptions } from '../../core/policies/circuit-breaker';
import { priorityOptions } from '../../core/policies/priority';
import { rateLimiterOptions } from '../../core/policies/rate-limiter';
import { retryOptions } from '../../core/policies/retry';
import { timeoutOptions } from '../../core/policies/timeout';
import {
	alternativesProperty,
	breakerScopeExtras,
	collection,
	idempotencyKeyOptions,
	keyProperty,
	leaseExtras,
	ownKeyProperty,
	pipelineToggles,
	policyNameProperty,
	propertiesOf,
	retryBudgetProperties,
	retryRulesProperty,
	subtitle,
	totalTimeoutOptions,
	waitingOptions,
	weightOptions,
} from '../shared/description';
import {
	readFallback,
	readIdempotencyKey,
	readPolicy,
	readPriority,
	readRateLimit,
	readRetry,
	readRetryBudget,
} from '../shared/read-policies';
import type { Step, StepPlan } from '../shared/step';
import type { ItemParameters } from '../shared/item-parameters';

const inCollection = { in: 'collection' } as const;
const toggle = (name: string) => propertiesOf(pipelineToggles, { only: [name] });
const when = (name: string) => ({ show: { [name]: [true] } });

/** The policies as the subtitle calls them, outermost first; short, because the canvas cuts off what is long. */
const TOGGLES: Record<keyof z.output<typeof pipelineToggles>, string> = {
	useFallback: 'fallback',
	useRateLimiter: 'limiter',
	useTotalTimeout: 'total time',
	useRetry: 'retry',
	useCircuitBreaker: 'breaker',
	useBulkhead: 'bulkhead',
	useAttemptTimeout: 'timeout',
};

/** Expression that says whether the pipeline does nothing. */
export const nothingSwitchedOn = `={{ ${JSON.stringify(Object.keys(TOGGLES))}.every(name => $parameter[name] === false) }}`;

export const resiliencePipelineStep: Step = {
	name: 'resiliencePipeline',
	displayName: 'Resilience Pipeline',
	description:
		'Combines retry, circuit breaker, timeouts and more around one call, in the right order',
	subtitle: subtitle(
		`${JSON.stringify(Object.entries(TOGGLES))}.filter(([name]) => p[name]).map(([, label]) => label).join(' > ') || 'nothing switched on'`,
	),
	properties: [
		{
			displayName:
				'Always applied in this order, outermost first: fallback, rate limiter, total timeout, retry, circuit breaker, bulkhead, attempt timeout.',
			name: 'orderNotice',
			type: 'notice',
			default: '',
		},
		keyProperty('the state of all policies below'),
		...toggle('useFallback'),
		alternativesProperty(when('useFallback')),
		...toggle('useRateLimiter'),
		collection(
			'rateLimiter',
			'Rate Limiter Settings',
			[
				...propertiesOf(rateLimiterOptions, { ...inCollection, extras: leaseExtras }),
				...propertiesOf(waitingOptions, inCollection),
				...propertiesOf(weightOptions, inCollection),
				ownKeyProperty,
			],
			when('useRateLimiter'),
		),
		...toggle('useTotalTimeout'),
		...propertiesOf(totalTimeoutOptions, {
			extras: { totalTimeoutMs: { displayOptions: when('useTotalTimeout') } },
		}),
		...toggle('useRetry'),
		collection(
			'retry',
			'Retry Settings',
			[
				...propertiesOf(retryOptions, inCollection),
				...propertiesOf(idempotencyKeyOptions, inCollection),
			],
			when('useRetry'),
		),
		retryRulesProperty('retryRules', when('useRetry')),
		...retryBudgetProperties({ useRetry: [true] }),
		...toggle('useCircuitBreaker'),
		collection(
			'circuitBreaker',
			'Circuit Breaker Settings',
			[
				...propertiesOf(circuitBreakerOptions, { ...inCollection, extras: breakerScopeExtras }),
				ownKeyProperty,
			],
			when('useCircuitBreaker'),
		),
		...toggle('useBulkhead'),
		collection(
			'bulkhead',
			'Bulkhead Settings',
			[...propertiesOf(bulkheadOptions, inCollection), ownKeyProperty],
			when('useBulkhead'),
		),
		...toggle('useAttemptTimeout'),
		collection(
			'attemptTimeout',
			'Attempt Timeout Settings',
			[...propertiesOf(timeoutOptions, inCollection), ownKeyProperty],
			when('useAttemptTimeout'),
		),
		collection('options', 'Options', [
			...propertiesOf(priorityOptions, inCollection),
			policyNameProperty('the state of all policies'),
		]),
	],
	namedPolicies: ['rate-limiter', 'circuit-breaker', 'bulkhead', 'timeout'],
	plan,
};

function plan(parameters: ItemParameters): StepPlan {
	const use = parameters.options(pipelineToggles);
	const key = parameters.text('key');
	const keyOf = (collection: string) => parameters.text(`${collection}.key`, { unset: key });

	const rateLimiter = use.useRateLimiter
		? readPolicy(parameters, 'rate-limiter', { collection: 'rateLimiter' })
		: undefined;
	const priority = readPriority(parameters);
	const rate = rateLimiter && readRateLimit(parameters, rateLimiter, priority, 'rateLimiter');
	const budget = use.useRetry ? readRetryBudget(parameters) : undefined;
	const circuitBreaker = use.useCircuitBreaker
		? readPolicy(parameters, 'circuit-breaker', { collection: 'circuitBreaker' })
		: undefined;
	return {
		definition: {
			rateLimiter,
			rateLimiterMaxWaitMs: rate?.maxWaitMs,
			totalTimeoutMs: use.useTotalTimeout
				? parameters.options(totalTimeoutOptions).totalTimeoutMs
				: undefined,
			retry: use.useRetry
				? readRetry(parameters, { collection: 'retry', rules: 'retryRules' })
				: undefined,
			retryBudget: budget?.policy,
			circuitBreakers: circuitBreaker && [circuitBreaker],
			bulkhead: use.useBulkhead
				? readPolicy(parameters, 'bulkhead', { collection: 'bulkhead' })
				: undefined,
			attemptTimeout: use.useAttemptTimeout
				? readPolicy(parameters, 'timeout', { collection: 'attemptTimeout' })
				: undefined,
		},
		keys: {
			rateLimiter: rateLimiter && keyOf('rateLimiter'),
			weight: rate?.weight,
			priority,
			retryBudget: budget?.key,
			circuitBreakers: circuitBreaker && [keyOf('circuitBreaker')],
			bulkhead: use.useBulkhead ? keyOf('bulkhead') : undefined,
			attemptTimeout: use.useAttemptTimeout ? keyOf('attemptTimeout') : undefined,
		},
		fields: use.useRetry ? readIdempotencyKey(parameters, 'retry') : undefined,
		...(use.useFallback && { fallback: readFallback(parameters, key) }),
	};
}
