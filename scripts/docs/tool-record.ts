import { z } from 'zod';

import { tools } from '../../mcp-server/tools/index.ts';

/** What a version's tools take and give, so that later ones can be held against it. */
export const toolRecord = () =>
	tools.map(({ name, role, effect, input, output }) => ({
		name,
		role,
		effect,
		input: schemaOf(input, 'input'),
		output: schemaOf(output, 'output'),
	}));

/** Without what is for people, which may change at any time. */
const schemaOf = (schema: z.ZodObject, io: 'input' | 'output') =>
	z.toJSONSchema(schema, {
		io,
		override: ({ jsonSchema }) => {
			delete jsonSchema.description;
		},
	});
