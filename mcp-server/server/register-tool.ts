import {
	CLIENT_CAPABILITIES_META_KEY,
	type CallToolResult,
	type ClientCapabilities,
	type InputRequiredResult,
	type McpServer,
	type ServerContext,
} from '@modelcontextprotocol/server';

import { mayActAs, type Principal } from '../../core/access';
import type { AuditOutcome } from '../../core/audit';
import { BulwarkError } from '../../core/errors';
import { oneLine } from '../../core/one-line';
import type { Clock } from '../../core/ports';
import { annotationsOf, type Tool } from '../tool';
import { confirmBy, confirmUnasked, QuestionPending } from './confirmation';
import { announced } from './input-schema';
import { readInput } from './read-input';
import type { Redactor } from './redactor';

/** Notes what was asked for and what became of it. */
export type NoteAudit = (event: {
	readonly who: Principal;
	readonly operation: string;
	readonly input: unknown;
	readonly outcome: AuditOutcome;
	readonly detail?: string;
	readonly durationMs?: number;
}) => Promise<void>;

/** What every call of a tool goes by. */
export interface ToolHost<Services> {
	readonly services: Services;
	readonly redactor: Redactor;
	readonly clock: Clock;
	/** Whether a plan needs the yes of a client that cannot ask anyone. */
	readonly confirmation: 'required' | 'when possible';
	readonly audit: NoteAudit;
	/** For what nobody expected. */
	readonly onError: (error: Error) => void;
}

/** Who asks, and by which revision of the protocol. */
export interface Asking {
	readonly who: Principal;
	readonly era: 'legacy' | 'modern';
}

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
	const startedAt = clock.now();
	const note = async (outcome: AuditOutcome, detail?: string): Promise<void> => {
		const durationMs = clock.now() - startedAt;
		const event = { who, operation: tool.name, input: given, outcome, detail, durationMs };
		await host.audit(redactor.data(event));
	};
	/** Of what is over: an answer that somebody waits for is not thrown away because it cannot be noted. */
	const noteAfter = async (outcome: AuditOutcome, detail?: string): Promise<readonly string[]> => {
		try {
			await note(outcome, detail);
			return [];
		} catch (error) {
			host.onError(error as Error);
			return [`This call is not noted: ${explained(error)}`];
		}
	};
	if (!mayActAs(who.role, tool.role)) {
		const problem = `${tool.title} takes the role "${tool.role}"; ${who.name} has "${who.role}"`;
		const unnoted = await noteAfter('refused', problem);
		return failure(redactor, `${problem}. Ask somebody with that role.`, ...unnoted);
	}
	try {
		const checked = readInput(tool.input, given);
		// What cannot be noted is not done.
		if (tool.effect === 'changes') await note('started');
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
		const unnoted = await noteAfter('done');
		const lines = [...[answer.text].flat(), ...unnoted];
		return {
			content: [{ type: 'text', text: inLines(redactor, lines) }],
			structuredContent: told(redactor, tool.output.parse(answer.output)),
		};
	} catch (error) {
		if (error instanceof QuestionPending) {
			await noteAfter('refused', 'not confirmed yet: the client was given the question');
			return error.result;
		}
		const problem = explained(error);
		const unnoted = await noteAfter('failed', oneLine(redactor.text(problem)));
		if (!(error instanceof BulwarkError)) host.onError(error as Error);
		return failure(redactor, problem, ...unnoted);
	}
}

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

function explained(error: unknown): string {
	if (error instanceof BulwarkError) return `${error.code}: ${error.message}. ${error.remedy}.`;
	return 'INTERNAL: Something went wrong that nobody expected. Look into the log of the server.';
}

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
				params: { progressToken, progress, total, message: redactor.text(message) },
			})
			.catch(() => undefined);
	};
}
