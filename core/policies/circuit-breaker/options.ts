import { z } from 'zod';

import { CLIENT_ERRORS, isStatusCodeList } from '../../failure';
import { choice, decimal, duration, integer, text } from '../../options';
import { quorumOption } from '../breaker-quorum';

const slidingWindowTypes = {
	'count-based': 'Last Calls',
	'time-based': 'Last Seconds',
} as const;

const thresholdStrategies = { fixed: 'Fixed', adaptive: 'Adaptive' } as const;

const scopes = {
	shared: 'All Workers Together',
	local: 'Each Worker for Itself',
	quorum: 'A Quorum of Workers',
} as const;

const whileAdaptive = { showWhen: { thresholdStrategy: ['adaptive'] } };

/** Options of a circuit breaker, named as in resilience4j. A threshold of 0 switches that rule off. */
export const circuitBreakerOptions = z
	.strictObject({
		failureRateThreshold: decimal(0, 100, 25, {
			title: 'Failure Rate Threshold',
			description:
				'Opens when this share of the calls in the window failed; 0 switches the rule off',
			unit: '%',
		}),
		thresholdStrategy: choice(thresholdStrategies, 'fixed', {
			title: 'Failure Rate Rule',
			description:
				'Fixed: opens at the failure rate threshold. Adaptive: opens when calls fail several times as often as they usually do, at the threshold at the earliest',
		}),
		baselineMultiplier: decimal(1, 100, 2, {
			title: 'Times the Usual Rate',
			description:
				'Opens at this many times the usual failure rate, which is learnt over about ten windows of calls',
			unit: 'x',
			...whileAdaptive,
		}),
		maxFailureRateThreshold: decimal(0.1, 100, 75, {
			title: 'Highest Threshold',
			description: 'Opens at this failure rate however often calls usually fail',
			unit: '%',
			...whileAdaptive,
		}),
		minimumNumberOfCalls: integer(1, 100_000, 10, {
			title: 'Minimum Number of Calls',
			description: 'Rates are not judged before the window holds this many calls',
			unit: 'calls',
		}),
		slidingWindowType: choice(slidingWindowTypes, 'count-based', {
			title: 'Window',
			description: 'What the rates are computed over: a number of calls, or a span of time',
		}),
		slidingWindowSize: integer(1, 100_000, 100, {
			title: 'Window Size (Calls)',
			description: 'How many calls the window holds',
			unit: 'calls',
			showWhen: { slidingWindowType: ['count-based'] },
		}),
		slidingWindowDurationMs: duration(10, 60_000, {
			title: 'Window Length',
			description: 'How far back the window reaches; it moves in steps of a tenth',
			showWhen: { slidingWindowType: ['time-based'] },
		}),
		slowCallDurationThresholdMs: duration(1, 2_000, {
			title: 'Slow Call Duration',
			description: 'A call that takes at least this long counts as slow',
		}),
		slowCallRateThreshold: decimal(0, 100, 100, {
			title: 'Slow Call Rate Threshold',
			description:
				'Opens when this share of the calls in the window was slow; 0 switches the rule off',
			unit: '%',
		}),
		consecutiveFailureThreshold: integer(0, 100_000, 0, {
			title: 'Consecutive Failures',
			description:
				'Opens after this many failures in a row, whatever the rate; 0 switches the rule off',
			unit: 'failures',
		}),
		waitDurationInOpenStateMs: duration(1, 30_000, {
			title: 'Wait in Open State',
			description: 'How long the breaker stays open before it lets probes through',
		}),
		waitDurationMultiplier: decimal(1, 100, 1, {
			title: 'Wait Multiplier',
			description: 'Each time the probes fail, the wait grows by this factor; 1 keeps it constant',
			unit: 'x',
		}),
		maxWaitDurationInOpenStateMs: duration(1, 600_000, {
			title: 'Maximum Wait in Open State',
			description: 'The wait never grows beyond this',
		}),
		permittedNumberOfCallsInHalfOpenState: integer(1, 10_000, 3, {
			title: 'Probes in Half-Open State',
			description: 'How many calls are let through to find out whether the service is back',
			unit: 'calls',
		}),
		ignoredStatusCodes: text(500, CLIENT_ERRORS, {
			title: 'Ignored Status Codes',
			description:
				'Failures with these HTTP status codes count neither as failure nor as success: the request was wrong, not the service. Numbers and ranges, separated by commas',
		}).refine((list) => list.trim() === '' || isStatusCodeList(list), {
			message: 'status codes must be numbers or ranges, such as "400-404, 422"',
		}),
		scope: choice(scopes, 'shared', {
			title: 'Scope',
			description:
				'Whose calls the breaker counts. All workers together: it opens for all. Each worker for itself: it opens for that worker alone. A quorum: each worker has its own, and while several workers have it open it is open for all',
		}),
		quorum: quorumOption({ showWhen: { scope: ['quorum'] } }),
		idleResetMs: duration(1_000, 600_000, {
			title: 'Forget After',
			description:
				'Without any call for this long, earlier outcomes are forgotten; let it be longer than any call takes',
		}),
	})
	.refine(
		(options) =>
			options.maxWaitDurationInOpenStateMs >= options.waitDurationInOpenStateMs ||
			options.waitDurationMultiplier === 1,
		{ path: ['maxWaitDurationInOpenStateMs'], message: 'shorter than the wait in open state' },
	)
	.refine(
		({ thresholdStrategy, failureRateThreshold, maxFailureRateThreshold }) =>
			thresholdStrategy === 'fixed' || maxFailureRateThreshold >= failureRateThreshold,
		{ path: ['maxFailureRateThreshold'], message: 'below the failure rate threshold' },
	)
	.refine(
		(options) =>
			options.failureRateThreshold > 0 ||
			options.slowCallRateThreshold > 0 ||
			options.consecutiveFailureThreshold > 0,
		{
			path: ['failureRateThreshold'],
			message: 'every rule is switched off, so the breaker could never open',
		},
	)
	.refine(
		({ idleResetMs, slowCallRateThreshold, slowCallDurationThresholdMs }) =>
			slowCallRateThreshold === 0 || idleResetMs > slowCallDurationThresholdMs,
		{
			path: ['idleResetMs'],
			message:
				'no longer than the slow call duration, so a slow call could be forgotten before it ends',
		},
	);

export type CircuitBreakerOptions = z.output<typeof circuitBreakerOptions>;
