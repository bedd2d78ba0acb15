import { z } from 'zod';

import { configSchema } from '../../mcp-server/config/config-schema.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** All settings of the MCP server, as a table in Markdown. */
export function settingsTable(): string {
	const rows = rowsOf('', z.toJSONSchema(configSchema, { io: 'input' }));
	return ['| Setting | What it does | Default |', '| --- | --- | --- |', ...rows].join('\n');
}

/** A row for each setting that holds no others. */
function rowsOf(name: string, schema: JsonSchema): string[] {
	const { properties, items, oneOf } = schema;
	if (oneOf) return (oneOf as JsonSchema[]).flatMap((one) => rowsOf(nameOf(name, one), one));
	if (properties?.warning) return [row(name, schema.description ?? '', thresholdsOf(properties))];
	if (name === 'policies.redis')
		return [row(name, `${schema.description} Settings as those of \`redis\`.`, '')];
	if (properties) {
		const own = schema.description ? [row(name, schema.description, '')] : [];
		const inner = Object.entries(properties).flatMap(([key, value]) =>
			rowsOf(name === '' ? key : `${name}.${key}`, value as JsonSchema),
		);
		return [...own, ...inner];
	}
	const entry = items as JsonSchema | undefined;
	if (!entry?.properties) return [row(name, saidOf(schema), defaultOf(schema))];
	return [row(name, saidOf(schema), defaultOf(schema)), ...rowsOf(`${name}[]`, entry)];
}

/** Of several kinds each has settings of its own. */
function nameOf(name: string, { properties }: JsonSchema): string {
	const type = properties?.type as JsonSchema | undefined;
	return typeof type?.const === 'string' ? `${name} (${type.const})` : name;
}

const row = (name: string, said: string, fallback: string): string =>
	`| \`${name}\` | ${said.replaceAll('|', '\\|')} | ${fallback} |`;

function saidOf({ description, enum: choices, const: only, minimum, maximum }: JsonSchema): string {
	const values = choices ?? (only === undefined ? [] : [only]);
	const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
	return [
		description,
		values.length > 0 && `One of: ${values.map((value) => `\`${String(value)}\``).join(', ')}.`,
		minimum !== undefined && most === undefined && `At least ${minimum}.`,
		minimum !== undefined && most !== undefined && `From ${minimum} to ${most}.`,
	]
		.filter(Boolean)
		.join(' ');
}

const thresholdsOf = (levels: NonNullable<JsonSchema['properties']>): string =>
	Object.entries(levels)
		.map(([level, schema]) => `${level} ${defaultOf(schema as JsonSchema)}`)
		.join(', ');

const defaultOf = ({ default: fallback }: JsonSchema): string =>
	fallback === undefined || fallback === '' ? '' : `\`${JSON.stringify(fallback)}\``;
