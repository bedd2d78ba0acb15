import type { IExecuteFunctions } from 'n8n-workflow';

/** Says that a parameter is not set, as opposed to set to an expression that resolves to nothing. */
export const UNSET = Symbol('unset');

/**
 * The parameters of a node, or of a collection in it, resolved for one item. Each is resolved on its own: in a
 * collection resolved as a whole, an expression that resolves to nothing would look as if it were not there.
 */
export class ParameterSource {
	constructor(
		private readonly context: IExecuteFunctions,
		private readonly itemIndex: number,
		private readonly path = '',
	) {}

	/** The resolved value, or `UNSET`. */
	read(name: string): unknown {
		return this.context.getNodeParameter(this.path + name, this.itemIndex, UNSET, {
			skipValidation: true,
		});
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
