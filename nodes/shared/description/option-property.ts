import type { IDisplayOptions, INodeProperties, NodeParameterValue } from 'n8n-workflow';
import type { z } from 'zod';

import {
	describeOptions,
	LONGEST_DURATION_MS,
	type OptionDescription,
} from '../../../core/options';

/** What a node adds to what an option's schema says. */
type PropertyExtras = Partial<
	Pick<INodeProperties, 'placeholder' | 'hint' | 'displayOptions' | 'noDataExpression'>
>;

interface PropertySelection {
	/** Only these options, in this order. */
	only?: readonly string[];
	/** All options but these. */
	except?: readonly string[];
	/** Additions by option. */
	extras?: Readonly<Record<string, PropertyExtras>>;
	/** Where the options stand. */
	in?: 'collection' | 'top-level';
	/** In a collection: the options that stand at the top level instead. */
	topLevel?: readonly string[];
}

/** Node parameters for the options of a schema. Lists are left out: they are fixed collections of their own. */
export function propertiesOf(
	schema: z.ZodObject,
	selection: PropertySelection = {},
): INodeProperties[] {
	const { only, except = [], extras = {}, topLevel = [] } = selection;
	const inCollection = selection.in === 'collection';
	const all = describeOptions(schema).filter(({ type }) => type !== 'list');
	const chosen = only
		? only.map((name) => find(all, name))
		: all.filter(({ name }) => !except.includes(name) && !topLevel.includes(name));
	return chosen.map((option) => ({
		...propertyOf(option),
		...shownWhen(option, all, { inCollection, topLevel }),
		...extras[option.name],
	}));
}

function propertyOf(option: OptionDescription): INodeProperties {
	const common = {
		displayName: displayNameOf(option),
		name: option.name,
		description: descriptionOf(option),
		default: option.default as NodeParameterValue,
	};
	switch (option.type) {
		case 'number':
			return {
				...common,
				type: 'number',
				typeOptions: {
					minValue: option.minimum,
					maxValue: option.maximum,
					// Without a precision n8n shows a decimal number as it is: 25, not 25.00.
					...(option.integer && { numberPrecision: 0 }),
				},
			};
		case 'choice':
			return {
				...common,
				type: 'options',
				options: Object.entries(option.labels ?? {}).map(([value, name]) => ({ name, value })),
			};
		case 'boolean':
			return { ...common, type: 'boolean' };
		case 'text':
			return { ...common, type: 'string' };
		case 'list':
			throw new TypeError(`"${option.name}" is a list: describe it as a fixed collection.`);
	}
}

/** The units that stand in the name of a parameter; others follow from what it says. */
const NAMED_UNITS = ['ms', '%'];

const displayNameOf = ({ title, unit }: OptionDescription): string =>
	unit !== undefined && NAMED_UNITS.includes(unit) ? `${title} (${unit})` : title;

function descriptionOf(option: OptionDescription): string {
	const sentence = option.description.replace(/\.$/, '');
	const range = rangeOf(option);
	return range ? `${sentence}. ${range}.` : sentence;
}

/** Units that say no more than the number's name does. */
const UNSPOKEN_UNITS = ['x'];

const inWords = new Intl.NumberFormat('en-US');

/** The values a number may have, in words. */
function rangeOf(option: OptionDescription): string | undefined {
	const { type, minimum = -Infinity, maximum = Infinity, unit = 'x' } = option;
	if (type !== 'number') return undefined;
	if (unit === 'ms' && maximum === LONGEST_DURATION_MS) {
		return `From ${inWords.format(minimum)} ms to 366 days`;
	}
	const range = `From ${inWords.format(minimum)} to ${inWords.format(maximum)}`;
	return UNSPOKEN_UNITS.includes(unit) ? range : `${range} ${unit}`;
}

/** `showWhen` of the schema as n8n's `displayOptions`. */
function shownWhen(
	option: OptionDescription,
	all: readonly OptionDescription[],
	place: { inCollection: boolean; topLevel: readonly string[] },
): { displayOptions?: IDisplayOptions } {
	const show: IDisplayOptions['show'] = {};
	const hide: IDisplayOptions['hide'] = {};
	for (const [name, values] of Object.entries(option.showWhen ?? {})) {
		const sibling = find(all, name);
		const besideIt = !place.inCollection || !place.topLevel.includes(name);
		const wanted = values as NodeParameterValue[];
		// What is not in a collection has its default there, which only `hide` understands.
		if (place.inCollection && besideIt && wanted.includes(sibling.default as NodeParameterValue)) {
			hide[name] = possibleValues(sibling).filter((value) => !wanted.includes(value));
		} else {
			show[besideIt ? name : `/${name}`] = wanted;
		}
	}
	const displayOptions = {
		...(Object.keys(show).length > 0 && { show }),
		...(Object.keys(hide).length > 0 && { hide }),
	};
	return Object.keys(displayOptions).length > 0 ? { displayOptions } : {};
}

const possibleValues = ({ type, labels = {} }: OptionDescription): NodeParameterValue[] =>
	type === 'boolean' ? [true, false] : Object.keys(labels);

function find(options: readonly OptionDescription[], name: string): OptionDescription {
	const option = options.find((candidate) => candidate.name === name);
	if (!option) throw new TypeError(`There is no option "${name}".`);
	return option;
}
