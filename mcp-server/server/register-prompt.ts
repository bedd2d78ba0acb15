import { completable, type McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { oneLine } from '../../core/one-line';
import type { PromptKind } from '../prompt';
import type { ToolHost } from './tool-host';

/** Longest text that fills a blank. */
const LONGEST_TEXT = 500;

/** Offers a prompt to clients. */
export function registerPrompt<Services>(
	server: McpServer,
	prompt: PromptKind<Services>,
	{ services, redactor }: ToolHost<Services>,
): void {
	const { name, title, description } = prompt;
	const blanks = Object.entries(prompt.blanks).map(([blank, { description: what, complete }]) => {
		const schema = z.string().max(LONGEST_TEXT).describe(what);
		const found = async (begun: string) => redactor.data([...(await complete(begun, services))]);
		return [blank, completable(schema, found).optional()] as const;
	});
	const argsSchema = z.object(Object.fromEntries(blanks));
	server.registerPrompt(name, { title, description, argsSchema }, (given) => ({
		description,
		messages: [
			{ role: 'user', content: { type: 'text', text: redactor.text(prompt.text(filled(given))) } },
		],
	}));
}

/** Names that are completed were given by others, such as authors of workflows. */
const filled = (blanks: Readonly<Record<string, string | undefined>>) =>
	Object.fromEntries(Object.entries(blanks).map(([blank, text]) => [blank, text && oneLine(text)]));
