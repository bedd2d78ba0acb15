import { z } from 'zod';

import type { OptionMeta } from './option';

/** One option in words: what node parameters, documentation and error messages are made of. */
export interface OptionDescription extends OptionMeta {
	name: string;
	type: 'number' | 'choice' | 'boolean' | 'text' | 'list';
	default: unknown;
	/** Numbers only: whole numbers only. */
	integer?: boolean;
	minimum?: number;
	maximum?: number;
	maxLength?: number;
}

interface JsonSchemaOption extends OptionMeta {
	type?: string;
	enum?: string[];
	default?: unknown;
	minimum?: number;
	maximum?: number;
	maxLength?: number;
}

const described = new WeakMap<z.ZodObject, OptionDescription[]>();

/** Reads a policy's options off its schema, in the order they are declared. */
export function describeOptions(schema: z.ZodObject): OptionDescription[] {
	let options = described.get(schema);
	if (!options) {
		const { properties = {} } = z.toJSONSchema(schema, { io: 'output' });
		options = Object.entries(properties).map(([name, property]) =>
			describe(name, property as JsonSchemaOption),
		);
		described.set(schema, options);
	}
	return options;
}

function describe(name: string, option: JsonSchemaOption): OptionDescription {
	const { title, description, unit, labels, showWhen, minimum, maximum, maxLength } = option;
	const meta = { name, title, description, unit, labels, showWhen, default: option.default };
	switch (option.type) {
		case 'integer':
		case 'number':
			return { ...meta, type: 'number', integer: option.type === 'integer', minimum, maximum };
		case 'boolean':
			return { ...meta, type: 'boolean' };
		case 'array':
			return { ...meta, type: 'list' };
		default:
			return option.enum ? { ...meta, type: 'choice' } : { ...meta, type: 'text', maxLength };
	}
}
