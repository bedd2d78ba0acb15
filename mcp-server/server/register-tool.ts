import {
	CLIENT_CAPABILITIES_META_KEY,
	type CallToolResult,
	type ClientCapabilities,
	type InputRequiredResult,
	type McpServer,
	type ServerContext,
} from '@modelcontextprotocol/server';

import { mayActAs } from '../../core/access';
import { BulwarkError } from '../../core/errors';
import { oneLine } from '../../core/one-line';
import { annotationsOf, type Tool } from '../tool';
import { CallNotes, explained } from './call-notes';
import { confirmBy, confirmUnasked, QuestionPending } from './confirmation';
import { announced } from './input-schema';
import { readInput } from './read-input';
import type { Redactor } from './redactor';
import type { Asking, ToolHost } from './tool-host';

/** Offers a tool to clients: with its role checked, its arguments validated, its use noted, its answers without secrets. */
export function registerTool<Services>(
	server: McpServer,
	tool: Tool<Services>,
	host: ToolHost<Services>,
	asking: Asking,
): void {
	const { name, title, description, input, output } = tool;
	server.registerTool(
		name,
		{
			title,
			description,
			inputSchema: announced(input),
			outputSchema: output,
			annotations: annotationsOf(tool),
		},
		async (given, context) => await callTool(server, tool, host, asking, given, context),
	);
}

async function callTool<Services>(
	server: McpServer,
	tool: Tool<Services>,
	host: ToolHost<Services>,
	{ who, era }: Asking,
	given: unknown,
	context: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
	const { redactor, clock } = host;
	const notes = new CallNotes(host, { who, operation: tool.name, input: given });
	if (!mayActAs(who.role, tool.role)) {
		const problem = `${tool.title} takes the role "${tool.role}"; ${who.name} has "${who.role}"`;
		const unnoted = await notes.after('refused', problem);
		return failure(redactor, `${problem}. Ask somebody with that role.`, ...unnoted);
	}
	try {
		const checked = readInput(tool.input, given);
		// What cannot be noted is not done.
		if (tool.effect === 'changes') await notes.before();
		const ask = canElicit(server, context)
			? confirmBy(context, era, clock)
			: confirmUnasked(host.confirmation);
		const answer = await tool.run(
			checked,
			{
				who,
				signal: context.mcpReq.signal,
				onProgress: progressTo(context, redactor),
				confirm: async (plan) => await ask(redactor.data(plan)),
				holdsSecret: (text) => redactor.text(text) !== text,
			},
			host.services,
		);
		const unnoted = await notes.after('done');
		const lines = [...[answer.text].flat(), ...unnoted];
		const output = tool.output.parse(answer.output);
		const text = [inLines(redactor, lines), ...nextPage(tool.name, output)].join('\n');
		return {
			content: [{ type: 'text', text }],
			structuredContent: told(redactor, output),
		};
	} catch (error) {
		if (error instanceof QuestionPending) {
			await notes.after('refused', 'not confirmed yet: the client was given the question');
			return error.result;
		}
		const { signal } = context.mcpReq;
		// What it was cancelled with is no error, and may be any text of the client's.
		const isCancelled = signal.aborted && error === signal.reason;
		const problem = isCancelled ? 'The call was cancelled.' : explained(error);
		const unnoted = await notes.after('failed', problem);
		if (!isCancelled && !(error instanceof BulwarkError)) host.onError(error as Error);
		return failure(redactor, problem, ...unnoted);
	}
}

/** For who reads the text only. */
const nextPage = (
	tool: string,
	{ nextCursor }: Readonly<Record<string, unknown>>,
): readonly string[] =>
	nextCursor === undefined
		? []
		: [`There are more: call ${tool} again, with "cursor": ${JSON.stringify(nextCursor)}.`];

/** A cursor is no text for people, and holds no secret; with a part of it replaced it would be none any more. */
function told(redactor: Redactor, output: Readonly<Record<string, unknown>>) {
	const { nextCursor } = output;
	return { ...redactor.data(output), ...(nextCursor !== undefined && { nextCursor }) };
}

const failure = (redactor: Redactor, ...lines: readonly string[]): CallToolResult => ({
	isError: true,
	content: [{ type: 'text', text: inLines(redactor, lines) }],
});

/** Secrets go first: one that a line is cut within, or that has lines of its own, is not known again afterwards. */
const inLines = (redactor: Redactor, lines: readonly string[]): string =>
	lines.map((line) => oneLine(redactor.text(line))).join('\n');

/** Whether there is somebody to ask by a form, which all can show who do not say what they can. */
function canElicit(server: McpServer, context: ServerContext): boolean {
	const envelope: Readonly<Record<string, unknown>> | undefined = context.mcpReq.envelope;
	const told = envelope?.[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined;
	const elicitation = (told ?? server.server.getClientCapabilities())?.elicitation;
	return elicitation !== undefined && (Boolean(elicitation.form) || !elicitation.url);
}

function progressTo(context: ServerContext, redactor: Redactor) {
	const progressToken = context.mcpReq._meta?.progressToken;
	return (progress: number, total: number, message: string): void => {
		if (progressToken === undefined) return;
		void context.mcpReq
			.notify({
				method: 'notifications/progress',
				params: { progressToken, progress, total, message: oneLine(redactor.text(message)) },
			})
			.catch(() => undefined);
	};
}
