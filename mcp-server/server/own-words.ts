import { z } from 'zod';

import type { Tool } from '../tool';

/** What the server says of itself to everyone: the words of its tools, and the texts that their schemas fix. */
export class OwnWords {
	private readonly fixed = new Set<string>();
	private readonly said = new Set<string>();

	constructor(
		tools: ReadonlyArray<Pick<Tool, 'name' | 'title' | 'description' | 'input' | 'output'>>,
	) {
		for (const { name, title, description, input, output } of tools) {
			const schemas = [input, output].map((schema) => z.toJSONSchema(schema, { io: 'input' }));
			for (const schema of schemas) this.fix(schema);
			const announced = JSON.stringify([name, title, description, schemas]);
			for (const [word] of announced.matchAll(/[\p{L}\p{N}_]+/gu))
				this.said.add(word.toLowerCase());
		}
		for (const text of this.fixed) this.said.add(text.toLowerCase());
	}

	/** Whether a whole text is a name or a value that a schema fixes. */
	isFixed(text: string): boolean {
		return this.fixed.has(text);
	}

	/** Whether this stands in what every client is told. */
	isSaid(text: string): boolean {
		return this.said.has(text.toLowerCase());
	}

	private fix(schema: unknown): void {
		if (typeof schema !== 'object' || schema === null) return;
		for (const [keyword, value] of Object.entries(schema)) {
			if (keyword === 'properties')
				for (const name of Object.keys(value as object)) this.fixed.add(name);
			if (keyword === 'enum' || keyword === 'const')
				for (const text of [value].flat()) if (typeof text === 'string') this.fixed.add(text);
			this.fix(value);
		}
	}
}
