import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';
import type { z } from 'zod';

import { InvalidOptionError } from '../../../core/errors';
import {
	describeOptions,
	parseOptions,
	showValue,
	type OptionDescription,
} from '../../../core/options';
import type { DefinitionOf } from '../../../core/policies/define';
import { kindInWords } from '../../../core/policy-registry';
import type { PolicyKind } from '../../../core/ports';
import { shorten } from '../../../core/shorten';
import { LONGEST_KEY } from '../longest-key';
import type { ItemParameters, OptionsPlace } from '../item-parameters';
import { LoadedPolicies } from '../loaded-policies';
import { KnownParameters, ParameterSource, UNSET } from './parameter-source';
import { titleOf } from './titles';

/** Reads what a user set on a node for one item. */
export const readParameters = (context: IExecuteFunctions, itemIndex: number): ItemParameters =>
	new NodeParameters(context, itemIndex, new ParameterSource(context, itemIndex), '');

/** The parameter that names a policy. */
const NAME = 'namedPolicy';
const TRY_AGAIN = 'Try again when Redis can be reached';

/** Under which the name of a node's own state is remembered. */
const OWN_NAME = {};

class NodeParameters implements ItemParameters {
	constructor(
		private readonly context: IExecuteFunctions,
		readonly itemIndex: number,
		private readonly source: ParameterSource,
		private readonly path: string,
	) {}

	options<Schema extends z.ZodObject>(schema: Schema, from: OptionsPlace = {}): z.output<Schema> {
		const place = `${this.source.path}${from.collection ?? ''}`;
		return KnownParameters.of(this.context).once(schema, place, () =>
			this.readOptions(schema, from),
		);
	}

	text(name: string, limits: { maxLength?: number; unset?: string; remedy?: string } = {}): string {
		const { maxLength = LONGEST_KEY, unset = '' } = limits;
		const { remedy = 'Set it to a text or a number, or leave it empty' } = limits;
		const value = this.read(name);
		if (value === UNSET) return unset;
		const text = textOf(value);
		if (typeof text !== 'string') {
			throw this.invalid(name, value, 'not a text', remedy);
		}
		if (text.length > maxLength) {
			throw this.invalid(
				name,
				value,
				`${text.length} characters long`,
				`Shorten it to at most ${maxLength} characters, for example by a hash`,
			);
		}
		return text;
	}

	choice<T extends string>(name: string, values: readonly T[]): T {
		const remedy = `Set it to one of: ${values.join(', ')}`;
		const value = this.required(name, remedy);
		const chosen = values.find((candidate) => candidate === value);
		if (chosen === undefined) throw this.invalid(name, value, 'not one of its choices', remedy);
		return chosen;
	}

	workflowId(name: string): string {
		const remedy = 'Choose a workflow from the list, or give its id';
		const value = this.required(name, remedy);
		const located = typeof value === 'object' && value !== null && 'value' in value;
		const id = textOf(located ? value.value : value);
		if (id === undefined || id === null || id === '') {
			throw this.invalid(name, id, 'no workflow is chosen', remedy);
		}
		if (typeof id !== 'string' || id.length > LONGEST_KEY) {
			throw this.invalid(name, id, 'not the id of a workflow', remedy);
		}
		return id;
	}

	json(name: string, unset: unknown): unknown {
		const remedy = 'Set it to JSON, such as {"status": "unavailable"}';
		if (this.read(name) === UNSET) return unset;
		const value = this.required(name, remedy);
		if (typeof value === 'number' && !Number.isFinite(value)) {
			throw this.invalid(name, value, 'not a number that JSON can hold', remedy);
		}
		if (typeof value !== 'string') return value;
		try {
			return JSON.parse(value) as unknown;
		} catch {
			throw this.invalid(name, value, 'not valid JSON', remedy);
		}
	}

	entries(name: string, group: string): ItemParameters[] {
		const list = this.resolving(name, () => this.source.inside(name)?.each(group));
		if (!list) {
			const value = this.read(name);
			throw this.invalid(name, value, 'not a list of entries', 'Add its entries in the editor');
		}
		const path = `${this.path}${name}.${group}.`;
		return list.map((source) => new NodeParameters(this.context, this.itemIndex, source, path));
	}

	policyName(collection?: string): string {
		if (collection === undefined && this.isNamed) return this.givenName();
		return this.definedName(collection ?? 'options');
	}

	namedPolicy<Kind extends PolicyKind>(kind: Kind): DefinitionOf<Kind> | undefined {
		if (!this.isNamed) return undefined;
		const name = this.givenName();
		const found = LoadedPolicies.of(this.context).get(kind, name);
		switch (found.status) {
			case 'found':
				return found.policy as DefinitionOf<Kind>;
			case 'failed':
				throw this.invalid(NAME, name, `it cannot be looked up (${found.reason})`, TRY_AGAIN);
			case 'unknown': {
				const [what, { near }] = [kindInWords(kind), found];
				const similar = near.map((other) => `"${shorten(other)}"`).join(', ');
				throw this.invalid(
					NAME,
					name,
					`no ${what} of this name is known${similar && `; there is ${similar}`}`,
					`Set "Settings" to "Defined Here" in a step with a ${what} and this shared name, and run that once; it must keep its state where this step does`,
				);
			}
		}
	}

	private get isNamed(): boolean {
		return this.path === '' && this.read('settings') === 'named';
	}

	private givenName(): string {
		const name = this.text(NAME).trim();
		if (name !== '') return name;
		throw this.invalid(NAME, name, 'a name is needed', 'Give the shared name of another step');
	}

	private definedName(collection: string): string {
		const shared = this.text(`${collection}.policyName`).trim();
		return shared === '' ? this.ownName() : shared;
	}

	invalid(parameter: string, value: unknown, problem: string, remedy: string): Error {
		const title = titleOf(this.context, this.path + parameter);
		return this.report(new InvalidOptionError(title, showValue(value), problem, remedy));
	}

	private ownName(): string {
		return KnownParameters.of(this.context).once(OWN_NAME, '', () => {
			const { id } = this.context.getNode();
			return `${this.context.getWorkflow().id ?? 'unsaved'}/${id}`;
		});
	}

	private readOptions<Schema extends z.ZodObject>(
		schema: Schema,
		{ collection, lists }: OptionsPlace,
	): z.output<Schema> {
		const raw: Record<string, unknown> = { ...lists?.() };
		const descriptions = describeOptions(schema);
		for (const option of descriptions) {
			if (option.type === 'list') continue;
			const value = collection
				? this.read(`${collection}.${option.name}`)
				: this.readEither(option);
			if (value !== UNSET) raw[option.name] = option.type === 'text' ? textOf(value) : value;
		}
		// What is not shown cannot be corrected, so it must not matter.
		for (const option of descriptions) {
			if (!isShown(option, raw, descriptions)) delete raw[option.name];
		}
		const titled = (error: InvalidOptionError) => {
			const option = descriptions.find(({ title }) => title === error.parameter);
			if (!option) return error;
			const path = `${this.path}${collection ? `${collection}.` : ''}${option.name}`;
			const isDefault = !Object.hasOwn(raw, option.name);
			return asShown(error, titleOf(this.context, path, option.title), isDefault);
		};
		return this.checked(() => parseOptions(schema, raw), titled);
	}

	/** A parameter at the top level, or the same in the options. */
	private readEither({ name }: OptionDescription): unknown {
		const value = this.read(name);
		return value === UNSET && this.path === '' ? this.read(`options.${name}`) : value;
	}

	/** A parameter by its name, or by `collection.name`. */
	private read(name: string): unknown {
		const [first = '', second] = name.split('.');
		if (second === undefined) return this.resolving(first, () => this.source.read(first));
		const inside = this.resolving(first, () => this.source.inside(first));
		if (!inside) {
			const value = this.resolving(first, () => this.source.read(first));
			throw this.invalid(first, value, 'not a group of options', 'Set its options one by one');
		}
		return this.resolving(name, () => inside.read(second));
	}

	private required(name: string, remedy: string): unknown {
		const value = this.read(name);
		if (value === undefined || value === UNSET) {
			throw this.invalid(name, undefined, 'a value is needed', remedy);
		}
		return value;
	}

	/** Errors of expressions say which parameter and item they belong to. */
	private resolving<T>(name: string, resolve: () => T): T {
		try {
			return resolve();
		} catch (error) {
			const title = titleOf(this.context, this.path + name);
			const reason = error instanceof Error ? error.message : String(error);
			throw this.error(`"${title}" cannot be evaluated: ${reason}`, 'Correct its expression');
		}
	}

	private checked<T>(parse: () => T, titled: (error: InvalidOptionError) => InvalidOptionError): T {
		try {
			return parse();
		} catch (error) {
			if (error instanceof InvalidOptionError) throw this.report(titled(error));
			const { itemIndex } = this;
			throw new NodeOperationError(this.context.getNode(), error as Error, { itemIndex });
		}
	}

	private report({ message, remedy }: InvalidOptionError): NodeOperationError {
		return this.error(message, remedy);
	}

	private error(message: string, description: string): NodeOperationError {
		const { itemIndex } = this;
		const error = new NodeOperationError(this.context.getNode(), message, {
			itemIndex,
			description,
		});
		// n8n replaces a message that happens to contain, say, "eperm".
		error.message = message;
		return error;
	}
}

const textOf = (value: unknown): unknown =>
	typeof value === 'number' && Number.isFinite(value) ? String(value) : value;

/**
 * The same error by the name that the editor shows. Nobody entered a default, so one that does not go with the other
 * settings is called what it is, and it may be those that are to be changed.
 */
function asShown(
	{ value, problem, remedy }: InvalidOptionError,
	title: string,
	isDefault: boolean,
): InvalidOptionError {
	return isDefault
		? new InvalidOptionError(
				title,
				`${value} (the default)`,
				problem,
				`${remedy}, or change the settings that its default does not go with`,
			)
		: new InvalidOptionError(title, value, problem, remedy);
}

function isShown(
	{ showWhen = {} }: OptionDescription,
	raw: Readonly<Record<string, unknown>>,
	descriptions: readonly OptionDescription[],
): boolean {
	return Object.entries(showWhen).every(([sibling, values]) => {
		const value = Object.hasOwn(raw, sibling)
			? raw[sibling]
			: descriptions.find(({ name }) => name === sibling)?.default;
		return (values as readonly unknown[]).includes(value);
	});
}
