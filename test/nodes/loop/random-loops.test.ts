import fc from 'fast-check';
import type { INodeParameters } from 'n8n-workflow';

import {
	endNodes,
	endWires,
	guarded,
	items,
	newWorkflowId,
	type StepType,
} from '../../support/guarded-workflow';
import { holders, leasesKept } from '../../support/process-state';
import {
	defineNode,
	dropper,
	keep,
	merger,
	reorderer,
	scripted,
	splitter,
	type Outcome,
} from '../../support/test-nodes';
import {
	runWorkflow,
	type FinishedWorkflow,
	type RunOptions,
} from '../../support/workflow-harness';

/** A step, outermost first; its number is what it allows. */
interface Layer {
	kind: 'retry' | 'bulkhead' | 'breaker' | 'timeout';
	limit: number;
	handOnResults: 'each' | 'together';
}

/** What a node among the protected ones does to the items. */
type Behaviour =
	{ kind: 'reorder' | 'split' | 'merge' | 'branch' } | { kind: 'drop'; ids: number[] };

interface Loop {
	count: number;
	layers: Layer[];
	before: Behaviour[];
	onSuccess: Behaviour[];
	onError: Behaviour[];
	/** Per item, how often its calls fail before they succeed. */
	failures: number[];
	executions: number;
}

const MOST_ITEMS = 6;

/** Loops that a run of this test goes through: all of them, however slow the machine. */
const LOOPS = 240;

const id = fc.integer({ min: 1, max: MOST_ITEMS });

const drop = fc.record({
	kind: fc.constant('drop' as const),
	ids: fc.uniqueArray(id, { maxLength: 3 }),
});

const one = <Kind extends 'reorder' | 'split' | 'merge' | 'branch'>(kind: Kind) =>
	fc.constant({ kind });

const loops: fc.Arbitrary<Loop> = fc
	.record({
		count: id,
		layers: fc.array(
			fc.record({
				kind: fc.constantFrom(
					'retry' as const,
					'bulkhead' as const,
					'breaker' as const,
					'timeout' as const,
				),
				limit: fc.integer({ min: 1, max: 3 }),
				handOnResults: fc.constantFrom('each' as const, 'together' as const),
			}),
			{ minLength: 1, maxLength: 3 },
		),
		before: fc.array(fc.oneof(one('reorder'), one('split'), one('branch'), drop), { maxLength: 2 }),
		onSuccess: fc
			.tuple(fc.array(fc.oneof(one('reorder'), drop), { maxLength: 2 }), fc.boolean())
			// What is merged has no id to be dropped by.
			.map(([first, isMerged]) => (isMerged ? [...first, { kind: 'merge' as const }] : first)),
		onError: fc.array(one('reorder'), { maxLength: 1 }),
		failures: fc.array(fc.integer({ min: 0, max: 5 }), {
			minLength: MOST_ITEMS,
			maxLength: MOST_ITEMS,
		}),
		executions: fc.constantFrom(1, 1, 2),
	})
	// A part that is merged with other items cannot be held back when its other part fails.
	.filter(
		({ before, onSuccess }) =>
			!(
				before.some(({ kind }) => kind === 'split') &&
				onSuccess.some(({ kind }) => kind === 'merge')
			),
	);

const STEP: Record<
	Layer['kind'],
	(limit: number) => { type: StepType; parameters: INodeParameters }
> = {
	retry: (maxAttempts) => ({
		type: 'retry',
		parameters: { maxAttempts, delayMs: 1, options: { jitter: 'none' } },
	}),
	bulkhead: (maxConcurrentCalls) => ({ type: 'bulkhead', parameters: { maxConcurrentCalls } }),
	breaker: () => ({ type: 'circuitBreaker', parameters: { minimumNumberOfCalls: 10_000 } }),
	timeout: () => ({ type: 'timeout', parameters: { timeoutMs: 600_000 } }),
};

const branch = defineNode(
	'branch',
	(list) => [1, 0].map((rest) => list.map(keep).filter(({ json }) => Number(json.id) % 2 === rest)),
	{ outputs: ['main', 'main'] },
);

const typeOf = (behaviour: Behaviour) => {
	switch (behaviour.kind) {
		case 'reorder':
			return reorderer();
		case 'split':
			return splitter(2);
		case 'merge':
			return idMerger;
		case 'branch':
			return branch;
		case 'drop':
			return dropper((json) => !behaviour.ids.includes(Number(json.id)));
	}
};

/** Merges what may have been merged before. */
const idMerger = {
	...merger(),
	...defineNode('merger', (list) => [
		[
			{
				json: { ids: list.flatMap(({ json }) => (json.ids as number[]) ?? [json.id]) },
				pairedItem: list.map((_, item) => ({ item })),
			},
		],
	]),
};

function workflowOf(loop: Loop): { options: RunOptions; bulkheads: string[] } {
	const workflowId = newWorkflowId();
	const steps = loop.layers.map(({ kind, limit, handOnResults }, index) => {
		const { type, parameters } = STEP[kind](limit);
		return { name: `Step${index}`, type, parameters: { ...parameters, handOnResults } };
	});
	const bulkheads: string[] = [];
	for (const step of steps) {
		if (step.type !== 'bulkhead') continue;
		const policyName = `${workflowId}-${step.name}`;
		bulkheads.push(policyName);
		Object.assign(step.parameters, { options: { policyName } });
	}
	const inner = steps.at(-1)!.name;
	const types: RunOptions['nodeTypes'] = {};
	const nodes: RunOptions['nodes'] = [];
	const wires: string[] = [];
	/** A chain of nodes between two ports. */
	const chain = (from: string, behaviours: Behaviour[], name: string, to: string) => {
		let tails = [from];
		behaviours.forEach((behaviour, index) => {
			const node = `${name}${index}`;
			types[node] = typeOf(behaviour);
			nodes.push({ name: node, type: node });
			wires.push(...tails.map((tail) => `${tail} -> ${node}`));
			tails = behaviour.kind === 'branch' ? [`${node}.0`, `${node}.1`] : [node];
		});
		wires.push(...tails.map((tail) => `${tail} -> ${to}`));
	};
	steps.slice(1).forEach(({ name }, index) => {
		const outer = steps[index]!.name;
		wires.push(
			`${outer}.Call -> ${name}.Items`,
			`${name}.Success -> ${outer}.Succeeded`,
			`${name}.Failed -> ${outer}.Failed`,
		);
	});
	chain(`${inner}.Call`, loop.before, 'Before', 'Call');
	chain('Call.Success', loop.onSuccess, 'After', `${inner}.Succeeded`);
	chain('Call.Error', loop.onError, 'Wrong', `${inner}.Failed`);
	const options: RunOptions = {
		workflowId,
		nodes: [
			{ name: 'Start', type: 'start' },
			...steps,
			...nodes,
			{ name: 'Call', type: 'call', onError: 'continueErrorOutput' },
			...endNodes,
		],
		connections: ['Start -> Step0.Items', ...wires, ...endWires('Step0')],
		nodeTypes: { ...guarded({ step: 'retry' }).nodeTypes, ...types },
		items: items(loop.count),
	};
	return { options, bulkheads };
}

/** What must come out, by a straightforward account of one item at a time. */
function oracle(loop: Loop): { good: number[]; bad: number[] } {
	const dropsIn = (behaviours: Behaviour[], item: number) =>
		behaviours.some((each) => each.kind === 'drop' && each.ids.includes(item));
	const parts = 2 ** loop.before.filter(({ kind }) => kind === 'split').length;
	const good: number[] = [];
	const bad: number[] = [];
	for (let item = 1; item <= loop.count; item++) {
		if (dropsIn(loop.before, item)) continue;
		let failuresLeft = loop.failures[item - 1]!;
		const attempt = (layers: Layer[]): { failed: boolean; good: number } => {
			const [layer, ...inner] = layers;
			if (!layer) {
				const failed = Math.min(parts, failuresLeft);
				failuresLeft -= failed;
				return { failed: failed > 0, good: parts - failed };
			}
			let result = attempt(inner);
			for (let tried = 1; result.failed && layer.kind === 'retry' && tried < layer.limit; tried++)
				result = attempt(inner);
			return result;
		};
		const result = attempt(loop.layers);
		if (result.failed) bad.push(item);
		if (!dropsIn(loop.onSuccess, item)) good.push(...Array<number>(result.good).fill(item));
	}
	return { good, bad };
}

const idsOf = (run: FinishedWorkflow, end: string): number[] =>
	run
		.json(end)
		.flatMap(({ ids, id: single, probed }) => {
			if (!ids && probed !== single)
				throw new Error(`${String(single)} is paired with ${String(probed)}`);
			return (ids as number[]) ?? [single];
		})
		.map(Number)
		.sort((a, b) => a - b);

/** Everything left in one run, each output in the order in which the items came in. */
function expectInOrder(run: FinishedWorkflow): void {
	for (const end of ['Good', 'Bad']) {
		expect(run.runCount(end)).toBeLessThanOrEqual(1);
		const order = run.json(end).map(({ id: single, ids }) => {
			return Math.min(...((ids as number[] | undefined) ?? [Number(single)]));
		});
		expect(order).toEqual([...order].sort((a, b) => a - b));
	}
}

it('account for every item exactly once, whatever the protected nodes do', async () => {
	let played = 0;
	await fc.assert(
		fc.asyncProperty(loops, async (loop) => {
			const { options, bulkheads } = workflowOf(loop);
			const runs = await Promise.all(
				Array.from({ length: loop.executions }, async () => {
					const plan = Object.fromEntries(
						loop.failures.map((count, index): [number, Outcome[]] => [
							index + 1,
							[...Array<Outcome>(count).fill('fail'), 'ok'],
						]),
					);
					const nodeTypes = { ...options.nodeTypes, call: scripted(plan).type };
					return await runWorkflow({ ...options, nodeTypes });
				}),
			);
			for (const run of runs) {
				expect(run.status).toBe('success');
				expect({ good: idsOf(run, 'Good'), bad: idsOf(run, 'Bad') }).toEqual(oracle(loop));
				expect(run.json('Rejected')).toEqual([]);
				if (loop.layers[0]!.handOnResults === 'together') expectInOrder(run);
			}
			for (const name of bulkheads) expect(await holders(name)).toBe(0);
			expect(leasesKept()).toBe(0);
			played++;
		}),
		{ numRuns: LOOPS },
	);
	expect(played).toBeGreaterThanOrEqual(LOOPS);
}, 300_000);
