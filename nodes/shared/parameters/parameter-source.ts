import type { IExecuteFunctions } from 'n8n-workflow';

/** Says that a parameter is not set, as opposed to set to an expression that resolves to nothing. */
export const UNSET = Symbol('unset');

/** What is known of a node's parameters in one run, so that what is the same for all items is read once. */
export class KnownParameters {
	private static readonly byContext = new WeakMap<IExecuteFunctions, KnownParameters>();

	/** Values without expressions, by path. */
	readonly values = new Map<string, unknown>();

	/** How often an expression was resolved. */
	resolved = 0;

	private readonly results = new Map<object, Map<string, unknown>>();

	static of(context: IExecuteFunctions): KnownParameters {
		let known = this.byContext.get(context);
		if (!known) this.byContext.set(context, (known = new KnownParameters()));
		return known;
	}

	/** What `compute` made for an earlier item under the same names, unless it resolved an expression for it. */
	once<T>(owner: object, name: string, compute: () => T): T {
		const results = this.results.get(owner) ?? new Map<string, unknown>();
		if (results.has(name)) return results.get(name) as T;
		const { resolved } = this;
		const result = compute();
		if (this.resolved === resolved) this.results.set(owner, results.set(name, result));
		return result;
	}
}

/**
 * The parameters of a node, or of a collection in it, resolved for one item. Each is resolved on its own: in a
 * collection resolved as a whole, an expression that resolves to nothing would look as if it were not there.
 */
export class ParameterSource {
	private readonly known: KnownParameters;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly itemIndex: number,
		/** Where its parameters are in the node: empty, or ends in a dot. */
		readonly path = '',
	) {
		this.known = KnownParameters.of(context);
	}

	/** The resolved value, or `UNSET`. */
	read(name: string): unknown {
		const path = this.path + name;
		const { values } = this.known;
		if (values.has(path)) return values.get(path);
		const raw = this.raw(name);
		if (!holdsExpression(raw)) {
			values.set(path, raw);
			return raw;
		}
		this.known.resolved++;
		return this.context.getNodeParameter(path, this.itemIndex, UNSET, { skipValidation: true });
	}

	/** The parameters inside a collection; undefined when `name` is something else. */
	inside(name: string): ParameterSource | undefined {
		const raw = this.raw(name);
		return raw === UNSET || isRecord(raw) ? this.at(name) : undefined;
	}

	/** The entries of a fixed collection, of which there may be several or only one; undefined as above. */
	each(name: string): ParameterSource[] | undefined {
		const raw = this.raw(name);
		if (raw === UNSET) return [];
		if (isRecord(raw)) return [this.at(name)];
		if (!Array.isArray(raw) || !raw.every(isRecord)) return undefined;
		return raw.map((_, index) => this.at(`${name}[${index}]`));
	}

	private at(name: string): ParameterSource {
		return new ParameterSource(this.context, this.itemIndex, `${this.path}${name}.`);
	}

	private raw(name: string): unknown {
		return this.context.getNodeParameter(this.path + name, this.itemIndex, UNSET, {
			rawExpressions: true,
		});
	}
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const holdsExpression = (value: unknown): boolean =>
	typeof value === 'object' && value !== null
		? Object.values(value).some(holdsExpression)
		: typeof value === 'string' && value.startsWith('=');
