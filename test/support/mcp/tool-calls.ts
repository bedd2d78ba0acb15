import fc from 'fast-check';

/** As clients see what a tool takes. */
interface JsonSchema {
	readonly type?: string;
	readonly enum?: readonly unknown[];
	readonly const?: unknown;
	readonly anyOf?: readonly JsonSchema[];
	readonly oneOf?: readonly JsonSchema[];
	readonly properties?: Readonly<Record<string, JsonSchema>>;
	readonly required?: readonly string[];
	readonly items?: JsonSchema;
	readonly minLength?: number;
	readonly maxLength?: number;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly maxItems?: number;
	readonly minItems?: number;
}

export interface ToolCallInput {
	readonly name: string;
	readonly given: unknown;
}

/** What somebody might send who means ill, or errs. */
const HOSTILE = [
	'',
	' ',
	'../../etc/passwd',
	'__proto__',
	'constructor',
	"'; DROP TABLE execution_entity; --",
	'{{ $env.SECRET }}',
	'${process.env}',
	'\u0000',
	'\ud800',
	'\u202e',
	'*',
	'{}',
	'%',
	'-1',
	'NaN',
	'x'.repeat(20_000),
];

const garbage = fc.oneof(
	fc.constantFrom<unknown>(...HOSTILE),
	fc.constantFrom<unknown>(null, true, -1, 0, 1e308, -0.5, Number.MAX_SAFE_INTEGER, [], {}, [[]]),
	fc.jsonValue({ maxDepth: 4 }),
	fc.string({ unit: 'binary', maxLength: 200 }),
);

/** What a schema allows, more or less. */
function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
	if (schema.const !== undefined) return fc.constant(schema.const);
	if (schema.enum) return fc.constantFrom(...schema.enum);
	const either = schema.anyOf ?? schema.oneOf;
	if (either) return fc.oneof(...either.map(fitting));
	switch (schema.type) {
		case 'string': {
			const { minLength = 0, maxLength = 40 } = schema;
			return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) });
		}
		case 'integer': {
			const { minimum = -10, maximum = 1_000 } = schema;
			return fc.integer({
				min: Math.max(minimum, -(2 ** 31)),
				max: Math.min(maximum, 2 ** 31 - 1),
			});
		}
		case 'number':
			return fc.double({ min: schema.minimum ?? -10, max: schema.maximum ?? 1_000, noNaN: true });
		case 'boolean':
			return fc.boolean();
		case 'array': {
			const { items = {}, minItems = 0, maxItems = 5 } = schema;
			return fc.array(fitting(items), {
				minLength: minItems,
				maxLength: Math.max(minItems, Math.min(maxItems, 5)),
			});
		}
		case 'object': {
			const fields = Object.entries(schema.properties ?? {});
			const all = Object.fromEntries(fields.map(([name, field]) => [name, fitting(field)]));
			return fc.record(all, { requiredKeys: [...(schema.required ?? [])] });
		}
		default:
			return garbage;
	}
}

/** Arguments that fit, arguments of which some do not, and arguments that never could. */
function inputOf(schema: JsonSchema): fc.Arbitrary<unknown> {
	const names = Object.keys(schema.properties ?? {});
	const name = fc.oneof(fc.constantFrom('', ...names), fc.constantFrom(...HOSTILE));
	const spoilt = fc
		.tuple(fitting(schema), fc.array(fc.tuple(name, garbage), { minLength: 1, maxLength: 3 }))
		.map(([fit, entries]) => ({ ...(fit as object), ...Object.fromEntries(entries) }));
	return fc.oneof({ weight: 4, arbitrary: fitting(schema) }, { weight: 5, arbitrary: spoilt });
}

/** Calls of any of these tools. */
export const toolCalls = (
	tools: ReadonlyArray<{ readonly name: string; readonly inputSchema: unknown }>,
): fc.Arbitrary<ToolCallInput> =>
	fc.oneof(
		...tools.map(({ name, inputSchema }) =>
			inputOf(inputSchema as JsonSchema).map((given) => ({ name, given })),
		),
	);
