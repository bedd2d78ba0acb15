import type { IExecuteFunctions } from 'n8n-workflow';

/** Says that a parameter is not set, as opposed to set to an expression that resolves to nothing. */
export const UNSET = Symbol('unset');

/** Where parameters are read from, one by one: an expression that resolves to nothing must not go unseen. */
export interface ParameterSource {
	/** The resolved value, or `UNSET`. */
	read(name: string): unknown;
	/** The parameters inside a collection; nothing if `name` is no collection. */
	inside(name: string): ParameterSource | undefined;
	/** The sources of the entries of a list; nothing if `name` is no list. */
	each(name: string): ParameterSource[] | undefined;
}

/** The parameters of a node, resolved for one item. */
export class NodeSource implements ParameterSource {
	constructor(
		private readonly context: IExecuteFunctions,
		private readonly itemIndex: number,
		private readonly path = '',
	) {}

	read(name: string): unknown {
		return this.context.getNodeParameter(this.path + name, this.itemIndex, UNSET, {
			skipValidation: true,
		});
	}

	inside(name: string): ParameterSource | undefined {
		const raw = this.raw(name);
		if (isRecord(raw)) return new NodeSource(this.context, this.itemIndex, `${this.path}${name}.`);
		return new ValueSource({ [name]: this.read(name) }).inside(name);
	}

	each(name: string): ParameterSource[] | undefined {
		const raw = this.raw(name);
		if (!Array.isArray(raw)) return new ValueSource({ [name]: this.read(name) }).each(name);
		return raw.map((entry, index) => {
			const path = `${this.path}${name}[${index}]`;
			if (isRecord(entry)) return new NodeSource(this.context, this.itemIndex, `${path}.`);
			return new ValueSource(this.read(`${name}[${index}]`));
		});
	}

	/** As written: an expression stays text, so that those inside a collection are resolved one by one. */
	private raw(name: string): unknown {
		return this.context.getNodeParameter(this.path + name, this.itemIndex, UNSET, {
			rawExpressions: true,
		});
	}
}

/** Values that are resolved already, because a whole collection was given as one expression. */
class ValueSource implements ParameterSource {
	constructor(private readonly values: unknown) {}

	read(name: string): unknown {
		return isRecord(this.values) && Object.hasOwn(this.values, name) ? this.values[name] : UNSET;
	}

	inside(name: string): ParameterSource | undefined {
		const value = this.read(name);
		if (value === UNSET) return new ValueSource({});
		return isRecord(value) ? new ValueSource(value) : undefined;
	}

	each(name: string): ParameterSource[] | undefined {
		const value = this.read(name);
		if (value === UNSET) return [];
		return Array.isArray(value) ? value.map((entry) => new ValueSource(entry)) : undefined;
	}
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
