import type { IDataObject, INodeParameters } from 'n8n-workflow';

import {
	childId,
	guarded,
	guardedChild,
	stepTypes,
	type Guarded,
	type StepType,
} from '../support/guarded-workflow';
import { EVALUATED, expectClearError, ODD_VALUES, TEMPLATE } from '../support/odd-values';
import { leasesKept } from '../support/process-state';
import { runWorkflow, type FinishedWorkflow } from '../support/workflow-harness';

/** A parameter of what a step guards. */
interface GuardParameter {
	name: string;
	build: (options: Guarded) => ReturnType<typeof guarded>;
	/** How the parameter is set to a value. */
	set: (value: unknown) => unknown;
	isUsable: (value: unknown) => boolean;
	/** One that is usable and makes no difference. */
	usual: unknown;
	/** Whether an expression may stand there, which is read for each item. */
	takesExpressions: boolean;
}

const isText = (value: unknown): boolean =>
	(typeof value === 'string' && value !== '' && value.length <= 512) || Number.isFinite(value);

const plain = (value: unknown): unknown => value;

const PARAMETERS: GuardParameter[] = [
	{
		name: 'mode',
		build: guarded,
		set: plain,
		isUsable: (value) => value === 'between',
		usual: 'between',
		takesExpressions: false,
	},
	{
		name: 'handOnResults',
		build: guarded,
		set: plain,
		isUsable: (value) => value === 'each' || value === 'together',
		usual: 'each',
		takesExpressions: false,
	},
	{
		name: 'parallelism',
		build: guardedChild,
		set: plain,
		// Numbers written as text are numbers, also in the ways that JavaScript knows.
		isUsable: (value) => [1, '5', '0x10', 100].includes(value as number),
		usual: 100,
		takesExpressions: true,
	},
	{
		name: 'workflowId',
		build: guardedChild,
		set: (value) => ({ __rl: true, mode: 'id', value }),
		// What can be an id is one; that there is no such workflow is the item's failure.
		isUsable: isText,
		usual: 'child',
		takesExpressions: true,
	},
	{
		name: 'workflowId',
		build: guardedChild,
		set: plain,
		isUsable: (value) => isText(value) || isText((value as { value?: unknown } | null)?.value),
		usual: childId('child'),
		takesExpressions: true,
	},
];

/** What a step cannot do without. */
const REQUIRED: Partial<Record<StepType, INodeParameters>> = {
	runOnce: { key: '={{ $json.id }}' },
};

const cases = (Object.keys(stepTypes) as StepType[]).flatMap((step) =>
	PARAMETERS.map((parameter) => ({
		step,
		parameter,
		id: `${step}: ${parameter.name}${parameter.set === plain ? '' : ', chosen in the editor'}`,
	})),
);

type Case = (typeof cases)[number];

async function run(
	{ step, parameter: { build, name, set } }: Case,
	value: unknown,
	items: IDataObject[],
	stepNode?: Guarded['stepNode'],
): Promise<FinishedWorkflow> {
	const options = build({
		step,
		parameters: { ...REQUIRED[step], [name]: set(value) } as INodeParameters,
		items,
		stepNode,
		// A run that hangs is canceled, which no test here accepts.
		cancelAfter: 20_000,
	});
	// Other workflows than this one do not exist, whatever they are called.
	const subWorkflows = Object.assign(Object.create(null) as object, options.subWorkflows);
	const ran = await runWorkflow({ ...options, subWorkflows });
	expect(JSON.stringify([ran.error?.message, ran.runData])).not.toContain(EVALUATED);
	expect(leasesKept()).toBe(0);
	return ran;
}

/** What left the step, by whichever output. */
const left = (ran: FinishedWorkflow): IDataObject[] =>
	['Good', 'Bad', 'Rejected'].flatMap((end) => ran.json(end));

const TWO = [{ id: 1 }, { id: 2 }];

describe('what all steps have, for what they guard', () => {
	it.each(cases)('$id: takes or refuses whatever a file says', async (each) => {
		const { isUsable, usual } = each.parameter;
		for (const value of [...ODD_VALUES, usual]) {
			// Expressions are below; what a file does not say is the default.
			if (typeof value === 'string' && value.startsWith('=')) continue;
			const ran = await run(each, value, TWO).catch((error: Error) => error);
			if (ran instanceof Error) {
				// n8n itself does not start a workflow without what is required, in the form of its selector.
				expect(ran.message).toContain('Parameter "Workflow" is required');
				expect([value, isUsable(value) && each.parameter.set !== plain]).toEqual([value, false]);
				continue;
			}
			const isLeftOut = value === undefined && each.parameter.set === plain;
			if (isUsable(value) || isLeftOut) {
				expect([value, ran.status]).toEqual([value, 'success']);
				expect(left(ran)).toHaveLength(2);
			} else {
				expect([value, ran.status]).toEqual([value, 'error']);
				expectClearError(ran.error, 0);
			}
		}
	});

	const fixed = cases.filter(({ parameter }) => !parameter.takesExpressions);
	it.each(fixed)('$id: evaluates no expression that a file says', async (each) => {
		const { usual } = each.parameter;
		for (const text of [`=${TEMPLATE}`, `={{ ${JSON.stringify(usual)} }}`, '={{ $json.value }}']) {
			const ran = await run(each, text, [{ id: 1, value: usual as string }]);
			expect(ran.status).toBe('error');
			expectClearError(ran.error, 0);
		}
	});

	const free = cases.filter(({ parameter }) => parameter.takesExpressions);
	it.each(free)('$id: takes or refuses whatever an expression gives', async (each) => {
		const { isUsable, usual } = each.parameter;
		for (const value of ODD_VALUES) {
			const items = [
				{ id: 1, value: usual },
				{ id: 2, value },
			] as IDataObject[];
			const ran = await run(each, '={{ $json.value }}', items);
			if (isUsable(value)) {
				expect([value, ran.status]).toEqual([value, 'success']);
				expect(left(ran)).toHaveLength(2);
			} else {
				expect([value, ran.status]).toEqual([value, 'error']);
				expectClearError(ran.error, 1);
				// Nothing is missing but what an expression gave as nothing.
				if (value === undefined)
					expect(ran.error?.message).toContain('missing (the expression resolved to nothing)');
			}
		}
	});

	it.each(free)('$id: fails only the items that it cannot be used for', async (each) => {
		const { isUsable, usual } = each.parameter;
		const values = [usual, ...ODD_VALUES];
		const items = values.map((value, id) => ({ id, value })) as IDataObject[];
		const stepNode = { onError: 'continueRegularOutput' as const };
		const ran = await run(each, '={{ $json.value }}', items, stepNode);
		expect(ran.status).toBe('success');
		expect(left(ran)).toHaveLength(values.length);
		const refused = ran
			.json('Bad')
			.filter(({ error }) => (error as IDataObject).name === 'NodeOperationError');
		const unusable = values.flatMap((value, id) => (isUsable(value) ? [] : [id]));
		expect(refused.map(({ id }) => id)).toEqual(unusable);
		for (const { error } of refused) {
			expect(error).toMatchObject({
				message: expect.stringMatching(/^"[^"]+" is .+: .+$/s),
				remedy: expect.stringMatching(/^[A-Z].{5,}/s),
				attempts: 0,
			});
		}
	});
});
