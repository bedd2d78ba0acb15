import type {
	IDataObject,
	INodeParameters,
	INodeProperties,
	INodePropertyCollection,
} from 'n8n-workflow';

import type { Step } from '../../nodes/shared/step';
import { EVALUATED, expectClearError, ODD_VALUES } from '../support/odd-values';
import { planAll, planOne, steps } from '../support/planned-steps';

/** A parameter of a node, and how to set it so that it is shown. */
interface Target {
	path: string;
	isNumber: boolean;
	isRequired?: boolean;
	takesExpressions: boolean;
	parameters: (value: unknown) => INodeParameters;
}

/** Every parameter of a step, those inside collections too; what all steps have is in guard-parameters.test.ts. */
function targetsOf(properties: INodeProperties[]): Target[] {
	return properties
		.filter(({ type, name }) => type !== 'notice' && name !== 'mode')
		.flatMap((property): Target[] => {
			const { name, type, options = [] } = property;
			const shown = shownBy(property).root;
			const whole: Target = {
				path: name,
				isNumber: type === 'number',
				isRequired: property.required,
				takesExpressions: !type.endsWith('ollection'),
				parameters: (value) => ({ ...shown, [name]: value }) as INodeParameters,
			};
			const inner = (path: string, field: INodeProperties, wrap: (entry: object) => unknown) => ({
				path: `${name}.${path}`,
				isNumber: field.type === 'number',
				takesExpressions: field.noDataExpression !== true,
				parameters: (value: unknown) => {
					const { root, beside } = shownBy(field);
					// A parent breaker needs a name; others have no such field.
					const entry = { name: 'parent', ...beside, [field.name]: value };
					return { ...shown, ...root, [name]: wrap(entry) } as INodeParameters;
				},
			});
			if (type === 'collection') {
				const fields = options as INodeProperties[];
				return [whole, ...fields.map((field) => inner(field.name, field, (entry) => entry))];
			}
			if (type === 'fixedCollection') {
				const [group] = options as INodePropertyCollection[];
				const isList = property.typeOptions?.multipleValues === true;
				const wrap = (entry: object) => ({ [group!.name]: isList ? [entry] : entry });
				return [whole, ...group!.values.map((field) => inner(field.name, field, wrap))];
			}
			return [whole];
		});
}

/** What others must be set to for a parameter to be shown: at the root, and beside it. */
function shownBy({ displayOptions }: INodeProperties): { root: object; beside: object } {
	const needed = Object.entries(displayOptions?.show ?? {}).map(
		([name, values]) => [name, values![0]] as const,
	);
	const strip = ([name, value]: readonly [string, unknown]) => [name.replace('/', ''), value];
	return {
		root: Object.fromEntries(needed.map(strip)),
		beside: Object.fromEntries(needed.filter(([name]) => !name.startsWith('/'))),
	};
}

/** What a step cannot do without. */
const required = ({ properties }: Step): INodeParameters =>
	Object.fromEntries(
		properties.filter((property) => property.required).map(({ name }) => [name, 'some']),
	);

/** Switches on whatever may be off, so that every parameter counts, and gives what n8n itself insists on. */
const switchedOn = (step: Step): INodeParameters => ({
	...required(step),
	...Object.fromEntries(
		step.properties.filter(({ type }) => type === 'boolean').map(({ name }) => [name, true]),
	),
});

const cases = steps.flatMap((step) =>
	targetsOf(step.properties).map((target) => ({
		step,
		target,
		id: `${step.name}: ${target.path}`,
	})),
);

describe('every parameter of every step', () => {
	it.each(cases)('$id: takes or refuses whatever an expression gives', async ({ step, target }) => {
		const planned = await planAll(
			step,
			{ ...switchedOn(step), ...target.parameters('={{ $json.value }}') },
			ODD_VALUES.map((value) => ({ value }) as IDataObject),
		);
		expect(planned).toHaveLength(ODD_VALUES.length);
		planned.forEach(({ plan, error }, index) => {
			if (error) expectClearError(error, index);
			expect(JSON.stringify(plan ?? (error as Error).message)).not.toContain(EVALUATED);
		});
		if (!target.takesExpressions) return;
		const missing = planned[ODD_VALUES.indexOf(undefined)];
		expect(missing?.error?.message).toContain('missing (the expression resolved to nothing)');
	});

	it.each(cases)('$id: takes or refuses whatever a file says', async ({ step, target }) => {
		for (const value of ODD_VALUES) {
			if (typeof value === 'string' && value.startsWith('=')) continue;
			const parameters = { ...switchedOn(step), ...target.parameters(value) };
			const [planned] = await planAll(step, parameters).catch((error: Error) => [
				{ plan: undefined, error },
			]);
			// n8n itself does not start a workflow without what is required.
			if (target.isRequired && /Parameter "\w+" is required/.test(planned?.error?.message ?? ''))
				continue;
			if (planned?.error) expectClearError(planned.error, 0);
			const told = planned?.plan ?? planned?.error?.message;
			expect(told).toBeDefined();
			expect(JSON.stringify(told)).not.toContain(EVALUATED);
		}
	});

	const numbers = cases.filter(({ target }) => target.isNumber);
	it.each(numbers)('$id: refuses what no such number can be', async ({ step, target }) => {
		const impossible = [NaN, Infinity, -Infinity, -1e9, 1e308, 'abc', {}, [], true];
		const planned = await planAll(
			step,
			{ ...switchedOn(step), ...target.parameters('={{ $json.value }}') },
			impossible.map((value) => ({ value }) as IDataObject),
		);
		planned.forEach(({ error }, index) => expectClearError(error, index));
	});
});

describe('defaults', () => {
	it.each(steps)('$name works as it is dragged in', async (step) => {
		await expect(planOne(step, required(step))).resolves.toBeDefined();
	});
});
