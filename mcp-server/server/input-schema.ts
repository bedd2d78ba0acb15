import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { z } from 'zod';

/**
 * Tells clients what a tool takes, and lets everything pass: what is wrong with arguments is said in our own words, with
 * the parameter, its value and the remedy.
 */
export const announced = (schema: z.ZodObject): StandardSchemaWithJSON<unknown> => ({
	'~standard': {
		version: 1,
		vendor: 'bulwark',
		validate: (value) => ({ value }),
		jsonSchema: {
			input: () => z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>,
			output: () => z.toJSONSchema(schema, { io: 'input' }) as Record<string, unknown>,
		},
	},
});
