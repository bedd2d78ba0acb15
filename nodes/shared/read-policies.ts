import { newUuid } from '../../adapters/system';
import type { InvalidOptionError } from '../../core/errors';
import { definePolicy, optionsSchemas, type DefinitionOf } from '../../core/policies/define';
import { fallbackOptions } from '../../core/policies/fallback';
import { priorityOptions } from '../../core/policies/priority';
import { heaviestCall } from '../../core/policies/rate-limiter';
import { retryOptions, retryRule, type RetryOptions } from '../../core/policies/retry';
import { runOnceOptions } from '../../core/policies/run-once';
import type { PolicyDefinition, PolicyKind } from '../../core/ports';
import {
	alternativeOptions,
	fencingTokenOptions,
	idempotencyKeyOptions,
	parentBreakerOptions,
	retryBudgetToggle,
	waitingOptions,
	weightOptions,
} from './description';
import type { ItemParameters } from './item-parameters';
import type { FallbackAlternative, FallbackPlan, StepPlan } from './step';

/** Policies by their options, which are one object for all items while no expression is in them. */
const defined = new WeakMap<object, PolicyDefinition>();

/** A policy as the user set it: at the top level and in the options, or in a collection of its own. */
export function readPolicy<Kind extends PolicyKind>(
	parameters: ItemParameters,
	kind: Kind,
	from: { collection?: string; nameFrom?: string } = {},
): DefinitionOf<Kind> {
	// A collection with a name of its own is always defined where it stands.
	const named = from.nameFrom === undefined ? parameters.namedPolicy(kind) : undefined;
	if (named) return named;
	const name = parameters.policyName(from.nameFrom);
	const options = parameters.options(optionsSchemas[kind], { collection: from.collection });
	const earlier = defined.get(options);
	if (earlier?.kind === kind && earlier.name === name) return earlier as DefinitionOf<Kind>;
	const policy = definePolicy(kind, name, options);
	defined.set(options, policy);
	return policy;
}

export const readRetry = (
	parameters: ItemParameters,
	from: { collection?: string; rules: string },
): RetryOptions =>
	parameters.options(retryOptions, {
		collection: from.collection,
		lists: () => ({
			rules: parameters.entries(from.rules, 'rule').map((rule) => rule.options(retryRule)),
		}),
	});

/** The budget of retries and its key, unless the user left it off. */
export function readRetryBudget(
	parameters: ItemParameters,
): { policy: DefinitionOf<'retry-budget'>; key: string } | undefined {
	if (!parameters.options(retryBudgetToggle).useRetryBudget) return undefined;
	const collection = 'retryBudget';
	return {
		policy: readPolicy(parameters, 'retry-budget', { collection, nameFrom: collection }),
		key: parameters.text('retryBudget.key'),
	};
}

/** The field by which a service tells that attempts are the same call, unless the user left it off. */
export function readIdempotencyKey(
	parameters: ItemParameters,
	collection: string,
): StepPlan['fields'] {
	const { idempotencyKey, idempotencyKeyValue, idempotencyKeyField } = parameters.options(
		idempotencyKeyOptions,
		{ collection },
	);
	if (idempotencyKey === 'none') return undefined;
	if (idempotencyKeyField.trim() === '') {
		throw parameters.invalid(
			`${collection}.idempotencyKeyField`,
			idempotencyKeyField,
			'empty',
			'Name the field that is to have the key',
		);
	}
	if (idempotencyKey === 'own' && idempotencyKeyValue.trim() === '') {
		throw parameters.invalid(
			`${collection}.idempotencyKeyValue`,
			idempotencyKeyValue,
			'empty, so all items would be the same call',
			'Set it to what makes two items the same work, such as {{ $json.orderId }}',
		);
	}
	const key = idempotencyKey === 'own' ? idempotencyKeyValue : newUuid();
	return { [idempotencyKeyField.trim()]: key };
}

/** Which work is done once, and what makes two items the same. */
export function readRunOnce(
	parameters: ItemParameters,
): Required<Pick<StepPlan, 'runOnce' | 'runKey'>> {
	const runKey = parameters.text('key');
	if (runKey.trim() === '') {
		throw parameters.invalid(
			'key',
			runKey,
			'empty, so all items would be the same work',
			'Set it to what makes two items the same work, such as {{ $json.orderId }}',
		);
	}
	const policy = {
		name: parameters.policyName(),
		options: parameters.options(runOnceOptions),
	};
	const { tokenField } = parameters.options(fencingTokenOptions);
	return { runOnce: { policy, tokenField: tokenField.trim() }, runKey };
}

/** How long an item waits for a rate limiter, and what it costs. */
export function readRateLimit(
	parameters: ItemParameters,
	limiter: DefinitionOf<'rate-limiter'>,
	priority: number,
	collection?: string,
): { maxWaitMs: number; weight: number } {
	const { whenLimited, maxWaitMs } = parameters.options(waitingOptions, { collection });
	const { weight } = parameters.options(weightOptions, { collection });
	const heaviest = heaviestCall(limiter.options, priority);
	if (weight > heaviest) {
		throw parameters.invalid(
			collection ? `${collection}.weight` : 'weight',
			weight,
			`more than the limiter ever lets through at once (${heaviest})`,
			`Set it to at most ${heaviest}, or raise the ${limiter.options.algorithm === 'gcra' ? 'burst' : 'limit'}`,
		);
	}
	return { maxWaitMs: whenLimited === 'wait' ? maxWaitMs : 0, weight };
}

export const readPriority = (parameters: ItemParameters): number =>
	parameters.options(priorityOptions).priority;

/** A breaker that several others depend on, e.g. one for a whole service above those of its endpoints. */
export function readParentBreaker(
	parameters: ItemParameters,
	child: DefinitionOf<'circuit-breaker'>,
): { policy: DefinitionOf<'circuit-breaker'>; key: string } | undefined {
	const [parent] = parameters.entries('parentBreaker', 'parent');
	if (!parent) return undefined;
	const name = parent.text('name');
	if (name.trim() === '') {
		throw parent.invalid('name', name, 'a parent needs a name', 'Name it as its other children do');
	}
	const own = parent.options(parentBreakerOptions);
	const key = parent.text('key');
	if (name.trim() === child.name && key === parameters.text('key')) {
		throw parent.invalid(
			'name',
			name,
			"this step's own breaker, which would count each call twice",
			'Give the parent another name, or another key',
		);
	}
	try {
		const options = { ...child.options, ...own };
		return { policy: definePolicy('circuit-breaker', name.trim(), options), key };
	} catch (error) {
		const { message, remedy } = error as InvalidOptionError;
		const problem = `does not go with the settings of its child (${message})`;
		throw parent.invalid('failureRateThreshold', own.failureRateThreshold, problem, remedy);
	}
}

/** What stands in for failed items, and where good results are remembered for it. */
export function readFallback(parameters: ItemParameters, key: string): FallbackPlan {
	const rememberedAs = JSON.stringify([parameters.policyName(), key]);
	const entries = parameters.entries('alternatives', 'alternative');
	if (entries.length === 0) {
		throw parameters.invalid(
			'alternatives',
			[],
			'empty, so nothing can stand in',
			'Add an alternative',
		);
	}
	const cascade = entries.map((entry): FallbackAlternative => {
		switch (entry.options(alternativeOptions).type) {
			case 'static':
				return { type: 'static', value: entry.json('value', {}) };
			case 'lastGood': {
				const { maxAgeMs } = entry.options(fallbackOptions);
				return { type: 'last-good', key: rememberedAs, maxAgeMs };
			}
			case 'subWorkflow':
				return { type: 'sub-workflow', workflowId: entry.workflowId('workflowId') };
		}
	});
	const ages = cascade.flatMap((entry) => (entry.type === 'last-good' ? [entry.maxAgeMs] : []));
	return {
		cascade,
		...(ages.length > 0 && { remember: { key: rememberedAs, ttlMs: Math.max(...ages) } }),
	};
}
