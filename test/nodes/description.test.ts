import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

import {
	NodeHelpers,
	Workflow,
	type INode,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyCollection,
	type INodeTypeDescription,
	type INodeTypes,
} from 'n8n-workflow';
import type { z } from 'zod';

import { describeOptions } from '../../core/options';
import { optionsSchemas } from '../../core/policies/define';
import { retryOptions, retryRule } from '../../core/policies/retry';
import { runOnceOptions } from '../../core/policies/run-once';
import manifest from '../../package.json';
import { nodeTypeOf, nodeTypes, steps } from '../support/planned-steps';

const NODES = path.join(__dirname, '..', '..', 'nodes');

const descriptions = nodeTypes.map(({ description }) => description);
const called = (name: string): INodeTypeDescription =>
	descriptions.find((description) => description.name === name)!;

const isStep = ({ name }: INodeTypeDescription): boolean =>
	steps.some((step) => step.name === name);

const folderOf = ({ name }: INodeTypeDescription): string =>
	path.join(NODES, name[0]!.toUpperCase() + name.slice(1));

/** All parameters of a node, those inside collections too, by path. */
function parametersOf(
	properties: INodeProperties[],
	prefix = '',
): Array<[string, INodeProperties]> {
	return properties.flatMap((property): Array<[string, INodeProperties]> => {
		const at = prefix + property.name;
		if (property.type === 'notice') return [];
		if (property.type === 'collection') {
			const inner = property.options as INodeProperties[];
			return parametersOf(inner, `${at}.`);
		}
		if (property.type === 'fixedCollection') {
			const groups = property.options as INodePropertyCollection[];
			return [
				[at, property],
				...groups.flatMap(({ name, values }) => parametersOf(values, `${at}.${name}.`)),
			];
		}
		return [[at, property]];
	});
}

const parameters = descriptions.flatMap((description) =>
	parametersOf(description.properties).map(([at, property]) => ({
		id: `${description.name}: ${at}`,
		property,
	})),
);

it('all nodes of the package are there, and no others', () => {
	const files = manifest.n8n.nodes.map((file) => path.basename(file, '.node.js').toLowerCase());
	expect(descriptions.map(({ name }) => name.toLowerCase()).sort()).toEqual(files.sort());
});

describe.each(descriptions)('$displayName', (description) => {
	const { name, displayName } = description;

	it('has a name, a description and defaults that go together', () => {
		const group = name.endsWith('Trigger') ? 'trigger' : 'transform';
		expect(description).toMatchObject({ version: 1, group: [group] });
		if (isStep(description)) expect(description.requiredInputs).toBe(1);
		expect(description.defaults.name).toBe(displayName);
		expect(displayName.replaceAll(' ', '').toLowerCase()).toBe(name.toLowerCase());
		expect(description.description).toMatch(/^[A-Z].*[^.]$/);
	});

	it('has a codex that n8n takes and users find it by', () => {
		const file = path.join(
			folderOf(description),
			`${path.basename(folderOf(description))}.node.json`,
		);
		const codex = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
		expect(codex).toMatchObject({ node: `n8n-nodes-bulwark.${name}`, codexVersion: '1.0' });
		expect(codex.resources).toBeDefined();
		expect(JSON.stringify([codex.categories, codex.subcategories])).not.toMatch(/flow|logic/i);
		expect((codex.alias as string[]).length).toBeGreaterThan(4);
	});

	it('has an icon for light and one for dark, square and with nothing in them but shapes', () => {
		const { light, dark } = description.icon as { light: string; dark: string };
		const [one, other] = [light, dark].map((icon) =>
			readFileSync(path.join(folderOf(description), icon.replace('file:', '')), 'utf8'),
		);
		expect(one).not.toBe(other);
		for (const svg of [one!, other!]) {
			const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!;
			expect(width).toBe(height);
			expect(svg).not.toMatch(/<(?!\/?(svg|path|circle|rect)\b)|href|script|style=/);
		}
	});

	it('has a page', () => {
		const page = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
		expect(existsSync(path.join(NODES, '..', 'docs', 'nodes', `${page}.md`))).toBe(true);
	});
});

describe('parameters', () => {
	it.each(parameters)('$id is explained', ({ property }) => {
		expect(property.description).toMatch(/^(Whether )?[A-Z0-9].{10,}/s);
		expect(property.description).not.toBe(property.displayName);
		expect(property.displayName).toMatch(/^[A-Z]/);
		if (property.type === 'boolean') expect(typeof property.default).toBe('boolean');
		if (property.type === 'number') {
			const { minValue, maxValue } = property.typeOptions!;
			expect(property.default).toBeGreaterThanOrEqual(minValue!);
			expect(property.default).toBeLessThanOrEqual(maxValue!);
		}
		if (property.type === 'options') {
			const values = property.options!.map((option) => (option as { value: string }).value);
			expect(values).toContain(property.default);
		}
	});

	it.each([
		['retry', retryOptions, ''],
		['retry', retryRule, 'rules.rule.'],
		['retry', optionsSchemas['retry-budget'], 'retryBudget.'],
		['circuitBreaker', optionsSchemas['circuit-breaker'], ''],
		['rateLimiter', optionsSchemas['rate-limiter'], ''],
		['bulkhead', optionsSchemas.bulkhead, ''],
		['timeout', optionsSchemas.timeout, ''],
		['runOnce', runOnceOptions, ''],
		['resiliencePipeline', retryOptions, 'retry.'],
		['resiliencePipeline', retryRule, 'retryRules.rule.'],
		['resiliencePipeline', optionsSchemas['retry-budget'], 'retryBudget.'],
		['resiliencePipeline', optionsSchemas['circuit-breaker'], 'circuitBreaker.'],
		['resiliencePipeline', optionsSchemas['rate-limiter'], 'rateLimiter.'],
		['resiliencePipeline', optionsSchemas.bulkhead, 'bulkhead.'],
		['resiliencePipeline', optionsSchemas.timeout, 'attemptTimeout.'],
	] as Array<[string, z.ZodObject, string]>)(
		'%s offers every option of its policy with its default and range (%#)',
		(node, schema, prefix) => {
			const found = new Map(parametersOf(called(node).properties));
			for (const option of describeOptions(schema)) {
				if (option.type === 'list') continue;
				const property = found.get(prefix + option.name) ?? found.get(`options.${option.name}`);
				expect(property).toMatchObject({ default: option.default });
				expect(property?.displayName).toContain(option.title);
				expect(property?.typeOptions?.minValue).toBe(option.minimum);
				expect(property?.typeOptions?.maxValue).toBe(option.maximum);
			}
		},
	);

	it('of one name on one level do not hide each other', () => {
		for (const { properties } of descriptions.filter(isStep)) {
			const paths = parametersOf(properties).map(([at]) => at);
			expect(paths).toEqual([...new Set(paths)]);
		}
	});
});

describe('what is shown when', () => {
	const kept = (name: string, given: INodeParameters) =>
		NodeHelpers.getNodeParameters(
			called(name).properties,
			given,
			true,
			false,
			null,
			called(name),
		) as Record<string, unknown>;

	it('follows the choice of what is guarded', () => {
		expect(kept('retry', {})).not.toHaveProperty('workflowId');
		expect(kept('retry', { mode: 'subWorkflow' })).toHaveProperty('parallelism', 5);
	});

	it('follows siblings inside collections, set or not', () => {
		const options = { slidingWindowSize: 5, slidingWindowDurationMs: 5 };
		expect(kept('circuitBreaker', { options }).options).toEqual({ slidingWindowSize: 5 });
		expect(
			kept('circuitBreaker', { options: { ...options, slidingWindowType: 'time-based' } }).options,
		).toEqual({ slidingWindowType: 'time-based', slidingWindowDurationMs: 5 });
	});

	it('follows parameters outside the collection', () => {
		const options = { backoffMultiplier: 3 };
		expect(kept('retry', { options }).options).toEqual(options);
		expect(kept('retry', { backoffType: 'linear', options }).options).toEqual({});
	});

	it('follows the action of a rule', () => {
		const rules = { rule: [{ action: 'delay', delayMs: 10 }] };
		expect(kept('retry', { rules }).rules).toMatchObject({ rule: [{ delayMs: 10 }] });
	});
});

describe('on the canvas', () => {
	/** A workflow as the editor has it: parameters are complete, there is no execution. */
	function onCanvas(
		name: string,
		given: INodeParameters = {},
	): { workflow: Workflow; node: INode } {
		const type = nodeTypes.find(({ description }) => description.name === name)!;
		const nodes: INodeTypes = {
			getByName: () => type,
			getByNameAndVersion: () => type,
			getKnownTypes: () => ({}),
		};
		const node: INode = {
			id: '1',
			name: 'Step',
			type: name,
			typeVersion: 1,
			position: [0, 0],
			parameters: given,
		};
		const workflow = new Workflow({
			nodes: [node],
			connections: {},
			active: false,
			nodeTypes: nodes,
		});
		return { workflow, node: workflow.getNode('Step')! };
	}

	const ports = (name: string, given: INodeParameters, side: 'inputs' | 'outputs') => {
		const { workflow, node } = onCanvas(name, given);
		const read = side === 'inputs' ? NodeHelpers.getNodeInputs : NodeHelpers.getNodeOutputs;
		return read(workflow, node, called(name)).map((port) =>
			typeof port === 'string' ? port : `${port.type} ${port.displayName}`,
		);
	};

	it.each(steps)('$name has named ports, as many as what it guards needs', ({ name }) => {
		expect(ports(name, { mode: 'between' }, 'inputs')).toEqual([
			'main Items',
			'main Succeeded',
			'main Failed',
		]);
		expect(ports(name, { mode: 'between' }, 'outputs')).toEqual([
			'main Call',
			'main Success',
			'main Failed',
			'main Rejected',
		]);
		expect(ports(name, { mode: 'subWorkflow' }, 'inputs')).toEqual(['main Items']);
		expect(ports(name, { mode: 'subWorkflow' }, 'outputs')).toEqual([
			'main Success',
			'main Failed',
			'main Rejected',
		]);
	});

	it.each([
		['retry', {}, '3 attempts, from 1 s'],
		['retry', { maxAttempts: 1 }, '1 attempt'],
		['retry', { backoffType: 'constant', delayMs: 1500 }, '3 attempts, every 1500 ms'],
		['retry', { maxAttempts: '={{ $json.n }}' }, '… attempts, from 1 s'],
		['retry', { backoffType: '={{ $json.n }}', delayMs: 0 }, '3 attempts, …0 ms'],
		['circuitBreaker', {}, 'opens at 25 % failures for 30 s'],
		['circuitBreaker', { failureRateThreshold: 0 }, 'opens for 30 s'],
		['rateLimiter', {}, '10 per 1 s, waits up to 1 min'],
		[
			'rateLimiter',
			{ periodMs: 86_400_000, whenLimited: 'reject' },
			'10 per 1 d, rejects the rest',
		],
		['bulkhead', { maxConcurrentCalls: '={{ 5 }}' }, '… at a time'],
		['bulkhead', { strategy: 'aimd' }, 'adaptive, up to 100 at a time'],
		['timeout', {}, 'after 30 s'],
		['timeout', { strategy: 'adaptive' }, 'adaptive, 30 s at first'],
		['fallback', {}, 'value'],
		['fallback', { alternatives: {} }, '…'],
		['runOnce', {}, 'replays what is done for 1 d'],
		[
			'runOnce',
			{ whenDone: 'reject', options: { resultTtlMs: 60_000 } },
			'rejects what is done for 1 min',
		],
		['resiliencePipeline', {}, 'retry > breaker > timeout'],
		[
			'resiliencePipeline',
			{ useRetry: false, useCircuitBreaker: false, useAttemptTimeout: false },
			'nothing switched on',
		],
	] as Array<[string, INodeParameters, string]>)(
		'the subtitle of %s with %j says what it does',
		(name, given, subtitle) => {
			const { workflow, node } = onCanvas(name, given);
			const { subtitle: expression } = called(name);
			expect(workflow.expression.getSimpleParameterValue(node, expression!, 'internal', {})).toBe(
				subtitle,
			);
		},
	);

	it('the pipeline warns when nothing is switched on', () => {
		const condition = nodeTypeOf(steps.at(-1)!).description.hints![0]!.displayCondition!;
		const shows = (given: INodeParameters) => {
			const { workflow, node } = onCanvas('resiliencePipeline', given);
			return workflow.expression.getSimpleParameterValue(node, condition, 'internal', {});
		};
		expect(shows({})).toBe(false);
		expect(shows({ useRetry: false, useCircuitBreaker: false, useAttemptTimeout: false })).toBe(
			true,
		);
	});
});
