import type { IDataObject, INodeParameters, NodeOperationError } from 'n8n-workflow';

import { rateLimiterStep } from '../../nodes/RateLimiter/rate-limiter-step';
import { bulkheadStep } from '../../nodes/Bulkhead/bulkhead-step';
import { circuitBreakerStep } from '../../nodes/CircuitBreaker/circuit-breaker-step';
import { fallbackStep } from '../../nodes/Fallback/fallback-step';
import { resiliencePipelineStep } from '../../nodes/ResiliencePipeline/resilience-pipeline-step';
import { retryStep } from '../../nodes/Retry/retry-step';
import type { Step } from '../../nodes/shared/step';
import { timeoutStep } from '../../nodes/Timeout/timeout-step';
import { TEMPLATE } from '../support/odd-values';
import { planAll, planError, planOne } from '../support/planned-steps';

const SOME_WORKFLOW = { __rl: true, mode: 'list', value: 'abc' };

describe('retry', () => {
	it('names parameter, value and remedy, and the item', async () => {
		const planned = await planAll(retryStep, { maxAttempts: '={{ $json.n }}' }, [
			{ n: 3 },
			{ n: -1 },
		]);
		expect(planned[0]?.plan?.definition.retry?.maxAttempts).toBe(3);
		const error = planned[1]?.error as NodeOperationError;
		expect(error.message).toBe('"Maximum Attempts" is -1: not a value it can have');
		expect(error.description).toBe('Set it to a whole number from 1 to 1000 attempts (default 3)');
		expect(error.context.itemIndex).toBe(1);
	});

	it('calls a default that does not go with the delay a default, which nobody entered', async () => {
		const error = await planError(retryStep, { delayMs: 60_000 });
		expect(error.message).toBe(
			'"Maximum Delay (ms)" is 30000 (the default): shorter than the delay',
		);
		expect(error.description).toBe(
			'Set it to a whole number from 0 to 31622400000 ms (default 30000), or change the settings that its default does not go with',
		);
		const entered = await planError(retryStep, {
			delayMs: 60_000,
			options: { maxDelayMs: 30_000 },
		});
		expect(entered.message).toBe('"Maximum Delay (ms)" is 30000: shorter than the delay');
		const nothing = await planError(retryStep, {
			delayMs: 60_000,
			options: { maxDelayMs: '={{ $json.nothing }}' },
		});
		expect(nothing.message).toContain('missing (the expression resolved to nothing)');
	});

	it.each<[words: string, step: Step, parameters: INodeParameters]>([
		['"Delay (ms)" is -1', retryStep, { delayMs: -1 }],
		['"Maximum Delay (ms)" is -1', retryStep, { options: { maxDelayMs: -1 } }],
		['"Delay (ms)" is -1', resiliencePipelineStep, { retry: { delayMs: -1 } }],
		[
			'"Own Delay (ms)" is -1',
			resiliencePipelineStep,
			{ retryRules: { rule: [{ action: 'delay', delayMs: -1 }] } },
		],
	])('calls a parameter as the editor does: %s', async (words, step, parameters) => {
		const { message } = await planError(step, parameters);
		expect(message).toContain(words);
	});

	it('reads top-level parameters, options and rules into one policy', async () => {
		const { definition } = await planOne(retryStep, {
			maxAttempts: 5,
			options: { jitter: 'none', maxDelayMs: '={{ 2000 }}' },
			rules: { rule: [{ statusCodes: '={{ 429 }}', action: 'delay', delayMs: 10 }] },
		});
		expect(definition.retry).toMatchObject({
			maxAttempts: 5,
			backoffType: 'exponential',
			jitter: 'none',
			maxDelayMs: 2000,
			rules: [{ statusCodes: '429', errorName: '', action: 'delay', delayMs: 10 }],
		});
		expect(definition.retryBudget).toBeUndefined();
	});

	it('reads rules and names anew for each item while expressions are in them', async () => {
		const planned = await planAll(
			retryStep,
			{
				rules: { rule: [{ errorName: 'A' }, { errorName: '={{ $json.name }}' }] },
				useRetryBudget: true,
				retryBudget: { policyName: '={{ $json.name }}' },
			},
			[{ name: 'B' }, { name: 'C' }],
		);
		const definitions = planned.map(({ plan }) => plan?.definition);
		expect(definitions.map((each) => each?.retry?.rules[1]?.errorName)).toEqual(['B', 'C']);
		expect(definitions.map((each) => each?.retryBudget?.name)).toEqual(['B', 'C']);
	});

	it('names the field of a rule that cannot be used', async () => {
		const error = await planError(retryStep, { rules: { rule: [{ statusCodes: '5xx' }] } });
		expect(error.message).toContain('"Status Codes" is "5xx"');
	});

	it('ignores what is not shown', async () => {
		const { definition } = await planOne(retryStep, {
			backoffType: 'constant',
			options: { backoffMultiplier: -3 },
		});
		expect(definition.retry?.backoffMultiplier).toBe(2);
	});

	it('has a budget when it is switched on', async () => {
		const { definition, keys } = await planOne(
			retryStep,
			{
				useRetryBudget: true,
				retryBudget: { policyName: 'payments', percentCanRetry: 5, key: '={{ $json.service }}' },
			},
			{ service: 'cards' },
		);
		expect(definition.retryBudget).toMatchObject({
			name: 'payments',
			options: { percentCanRetry: 5 },
		});
		expect(keys.retryBudget).toBe('cards');
	});
});

describe('keys and names', () => {
	const keyed: Step[] = [circuitBreakerStep, rateLimiterStep, bulkheadStep];
	const keyOf = async (step: Step, key: unknown): Promise<unknown> => {
		const { keys } = await planOne(step, { key: '={{ $json.key }}' }, { key } as IDataObject);
		return keys.circuitBreakers?.[0] ?? keys.rateLimiter ?? keys.bulkhead;
	};

	it.each(keyed)('$name takes text and numbers as they are', async (step) => {
		expect(await keyOf(step, 'user 7')).toBe('user 7');
		expect(await keyOf(step, 7)).toBe('7');
		expect(await keyOf(step, '')).toBe('');
		expect(await keyOf(step, TEMPLATE)).toBe(TEMPLATE);
		expect(await keyOf(step, `=${TEMPLATE}`)).toBe(`=${TEMPLATE}`);
	});

	it.each(keyed)('$name refuses keys that are too long', async (step) => {
		await expect(keyOf(step, 'k'.repeat(512))).resolves.toHaveLength(512);
		await expect(keyOf(step, 'k'.repeat(513))).rejects.toThrow('"Key" is "kkk');
	});

	it('tells nodes without a shared name apart', async () => {
		const { definition } = await planOne(bulkheadStep);
		expect(definition.bulkhead?.name).toMatch(/^workflow\/.+/);
		const shared = await planOne(bulkheadStep, { options: { policyName: ' crm ' } });
		expect(shared.definition.bulkhead?.name).toBe('crm');
	});
});

describe('circuit breaker', () => {
	it('reports to a parent that differs only in name, key and thresholds', async () => {
		const { definition, keys } = await planOne(circuitBreakerStep, {
			key: 'charge',
			options: { slidingWindowSize: 50 },
			parentBreaker: { parent: { name: 'payments', key: 'eu', failureRateThreshold: 60 } },
		});
		const [own, parent] = definition.circuitBreakers!;
		expect(parent).toEqual({
			...own,
			name: 'payments',
			options: { ...own!.options, failureRateThreshold: 60 },
		});
		expect(keys.circuitBreakers).toEqual(['charge', 'eu']);
	});

	it('wants the parent to have a name', async () => {
		const parameters = { parentBreaker: { parent: { name: ' ' } } };
		const { message } = await planError(circuitBreakerStep, parameters);
		expect(message).toBe('"Name" is " ": a parent needs a name');
	});

	it('wants the parent to be another breaker', async () => {
		const parametersWith = (key: string): INodeParameters => ({
			key: 'eu',
			options: { policyName: 'payments' },
			parentBreaker: { parent: { name: ' payments', key } },
		});
		const { message, description } = await planError(circuitBreakerStep, parametersWith('eu'));
		expect(message).toBe(
			'"Name" is " payments": this step\'s own breaker, which would count each call twice',
		);
		expect(description).toBe('Give the parent another name, or another key');
		const { keys } = await planOne(circuitBreakerStep, parametersWith(''));
		expect(keys.circuitBreakers).toEqual(['eu', '']);
	});

	it('says so when the threshold of a parent is above what its failure rate rule allows', async () => {
		const error = await planError(circuitBreakerStep, {
			options: { thresholdStrategy: 'adaptive', maxFailureRateThreshold: 50 },
			parentBreaker: { parent: { name: 'payments', failureRateThreshold: 60 } },
		});
		expect(error.message).toBe(
			'"Failure Rate Threshold (%)" is 60: does not go with the settings of its child ("Highest Threshold" is 50: below the failure rate threshold)',
		);
	});

	it('refuses to be switched off rule by rule', async () => {
		const error = await planError(circuitBreakerStep, {
			failureRateThreshold: 0,
			options: { slowCallRateThreshold: 0 },
		});
		expect(error.message).toContain('could never open');
	});
});

describe('rate limiter', () => {
	it('waits up to the maximum wait, or not at all', async () => {
		const waiting = await planOne(rateLimiterStep);
		expect(waiting.definition.rateLimiterMaxWaitMs).toBe(60_000);
		const rejecting = await planOne(rateLimiterStep, { whenLimited: 'reject' });
		expect(rejecting.definition.rateLimiterMaxWaitMs).toBe(0);
	});

	it('refuses a weight that could never pass', async () => {
		const parameters = { limit: 10, options: { weight: '={{ $json.weight }}' } };
		const { keys } = await planOne(rateLimiterStep, parameters, { weight: 10 });
		expect(keys.weight).toBe(10);
		const { message, description } = await planError(rateLimiterStep, parameters, { weight: 11 });
		expect(message).toBe('"Weight" is 11: more than the limiter ever lets through at once (10)');
		expect(description).toContain('raise the limit');
	});

	it('counts what is reserved for priority as not there for others', async () => {
		const parameters = {
			limit: 10,
			options: { reservedForPriority: 40, weight: 7, priority: '={{ $json.priority }}' },
		};
		const { keys } = await planOne(rateLimiterStep, parameters, { priority: 1 });
		expect(keys).toMatchObject({ weight: 7, priority: 1 });
		const { message } = await planError(rateLimiterStep, parameters, { priority: 0 });
		expect(message).toBe('"Weight" is 7: more than the limiter ever lets through at once (6)');
	});

	it('adapts with the settings of its options, and without them when it is switched off', async () => {
		const options = { adaptive: true, backoffRatio: 70, recoveryMs: 5_000 };
		const adapting = await planOne(rateLimiterStep, { options });
		expect(adapting.definition.rateLimiter?.options).toMatchObject(options);
		const steady = await planOne(rateLimiterStep, { options: { ...options, adaptive: false } });
		expect(steady.definition.rateLimiter?.options).toMatchObject({ backoffRatio: 50 });
	});
});

describe('bulkhead', () => {
	it('reads an adaptive limit, and names a bound that does not fit the others', async () => {
		const options = { minConcurrentCalls: 2, initialConcurrentCalls: 4 };
		const { definition } = await planOne(bulkheadStep, {
			strategy: 'gradient',
			maxConcurrentCalls: 8,
			options,
		});
		expect(definition.bulkhead?.options).toMatchObject({ strategy: 'gradient', ...options });
		const error = await planError(bulkheadStep, { strategy: 'gradient', maxConcurrentCalls: 8 });
		expect(error.message).toBe(
			'"Initial Limit" is 20 (the default): above the maximum of concurrent calls',
		);
	});

	it('asks nothing of the bounds of an adaptive limit while it is fixed', async () => {
		const parameters = { maxConcurrentCalls: 1, options: { initialConcurrentCalls: 5 } };
		const { definition } = await planOne(bulkheadStep, parameters);
		expect(definition.bulkhead?.options).toMatchObject({ strategy: 'fixed' });
	});
});

describe('time-out', () => {
	it('has a key only while it adapts', async () => {
		const parameters = { key: 'a', options: { policyName: 'b' } };
		const fixed = await planOne(timeoutStep, parameters);
		expect(fixed.keys.attemptTimeout).toBe('');
		const adaptive = await planOne(timeoutStep, { ...parameters, strategy: 'adaptive' });
		expect(adaptive.keys.attemptTimeout).toBe('a');
		expect(adaptive.definition.attemptTimeout?.name).toBe('b');
	});
});

describe('fallback', () => {
	it('answers with an empty value by itself: a last good result may be that of another item', async () => {
		const { fallback } = await planOne(fallbackStep, {});
		expect(fallback).toEqual({ cascade: [{ type: 'static', value: {} }] });
	});

	it('answers with the last good result of its key, then with an empty value', async () => {
		const { fallback } = await planOne(fallbackStep, {
			key: 'k',
			alternatives: { alternative: [{ type: 'lastGood' }, { type: 'static' }] },
		});
		expect(fallback?.cascade).toEqual([
			{ type: 'last-good', key: fallback?.remember?.key, maxAgeMs: 86_400_000 },
			{ type: 'static', value: {} },
		]);
		expect(fallback?.remember?.ttlMs).toBe(86_400_000);
	});

	it('computes a value from the item, and evaluates it only once', async () => {
		const { fallback } = await planOne(
			fallbackStep,
			{ alternatives: { alternative: [{ type: 'static', value: '={{ { id: $json.id } }}' }] } },
			{ id: TEMPLATE },
		);
		expect(fallback?.cascade).toEqual([{ type: 'static', value: { id: TEMPLATE } }]);
		expect(fallback?.remember).toBeUndefined();
	});

	it('asks a sub-workflow', async () => {
		const workflowId = SOME_WORKFLOW;
		const { fallback } = await planOne(fallbackStep, {
			alternatives: { alternative: [{ type: 'subWorkflow', workflowId }] },
		});
		expect(fallback?.cascade).toEqual([{ type: 'sub-workflow', workflowId: 'abc' }]);
	});

	it.each([
		[{ type: 'static', value: '{"a":' }, '"Value" is "{\\"a\\":": not valid JSON'],
		[{ type: 'subWorkflow' }, '"Workflow" is'],
		[{ type: 'other' }, '"Type" is "other"'],
	])('refuses %j', async (alternative, message) => {
		const error = await planError(fallbackStep, { alternatives: { alternative: [alternative] } });
		expect(error.message).toContain(message);
	});

	it('wants an alternative', async () => {
		const error = await planError(fallbackStep, { alternatives: { alternative: [] } });
		expect(error.message).toContain('nothing can stand in');
	});
});

describe('resilience pipeline', () => {
	const base = { workflowId: SOME_WORKFLOW };

	it('retries, breaks and times out unless told otherwise', async () => {
		const { definition, fallback } = await planOne(resiliencePipelineStep, base);
		const used = Object.entries(definition).filter(([, part]) => part !== undefined);
		expect(used.map(([name]) => name)).toEqual(['retry', 'circuitBreakers', 'attemptTimeout']);
		expect(fallback).toBeUndefined();
	});

	it('keeps options of the same name apart', async () => {
		const { definition } = await planOne(resiliencePipelineStep, {
			...base,
			circuitBreaker: { minimumNumberOfCalls: 7 },
			attemptTimeout: { strategy: 'adaptive', minimumNumberOfCalls: 8 },
		});
		expect(definition.circuitBreakers?.[0]?.options.minimumNumberOfCalls).toBe(7);
		expect(definition.attemptTimeout?.options.minimumNumberOfCalls).toBe(8);
	});

	it('has one key, and another where a policy asks for it', async () => {
		const { keys } = await planOne(resiliencePipelineStep, {
			...base,
			key: 'service',
			useRateLimiter: true,
			useBulkhead: true,
			rateLimiter: { key: 'user' },
			bulkhead: { key: '' },
			options: { priority: 3 },
		});
		expect(keys).toMatchObject({
			priority: 3,
			rateLimiter: 'user',
			circuitBreakers: ['service'],
			bulkhead: '',
			attemptTimeout: 'service',
		});
	});
});
