import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import type { RunningMcpServer } from '../mcp/index.ts';
import { delay, runCommand } from '../n8n/index.ts';
import type { Transcript } from './transcript.ts';

const ASK_EVERY_MS = 1_000;

interface Answer {
	text: string;
	structured: Record<string, never>;
}

/** A client of the MCP server, whose user says yes; all that it asks and is answered is printed. */
export class Assistant {
	private readonly client: Client;

	private readonly transcript: Transcript;

	private readonly signal: AbortSignal;

	constructor(client: Client, transcript: Transcript, signal: AbortSignal) {
		this.client = client;
		this.transcript = transcript;
		this.signal = signal;
	}

	/** Calls a tool, and prints both. @returns its structured content. */
	async ask<T>(tool: string, given: Record<string, unknown> = {}): Promise<T> {
		const answer = await this.call(tool, given);
		this.print(tool, given, answer);
		return answer.structured as T;
	}

	/** Calls a tool every second until it is content with the answer, and prints that. */
	async askUntil<T>(tool: string, isEnough: (text: string) => boolean): Promise<T> {
		for (;;) {
			const answer = await this.call(tool, {});
			if (isEnough(answer.text)) {
				this.print(tool, {}, answer);
				return answer.structured as T;
			}
			await delay(ASK_EVERY_MS, this.signal);
		}
	}

	async close(): Promise<void> {
		await this.client.close();
	}

	private print(tool: string, given: Record<string, unknown>, { text }: Answer): void {
		const shown = Object.keys(given).length === 0 ? '' : ` ${JSON.stringify(given)}`;
		this.transcript.say(`> ${tool}${shown}\n${text}`);
	}

	private async call(name: string, given: Record<string, unknown>): Promise<Answer> {
		const { content, structuredContent, isError } = await this.client.callTool({
			name,
			arguments: given,
		});
		const text = content.map((one) => (one.type === 'text' ? one.text : '')).join('\n');
		if (isError) throw new Error(`${name}: ${text}`);
		return { text, structured: structuredContent as Answer['structured'] };
	}
}

/** Makes a token as a person would, and connects. */
export async function connectAssistant(
	{ url, program, configFile }: RunningMcpServer,
	transcript: Transcript,
	signal: AbortSignal,
): Promise<Assistant> {
	const args = ['token', 'create', '--name', 'show', '--role', 'operator', '--config', configFile];
	const { stdout: token } = await runCommand(process.execPath, [program, ...args]);
	const client = new Client(
		{ name: 'show-recovery', version: '1' },
		{ capabilities: { elicitation: {} }, versionNegotiation: { mode: { pin: '2026-07-28' } } },
	);
	client.setRequestHandler('elicitation/create', ({ params }) => {
		transcript.say(`The user is asked:\n${params.message}`);
		transcript.say('The user says yes.');
		return { action: 'accept' as const, content: { apply: true } };
	});
	const headers = { authorization: `Bearer ${token.trim()}` };
	await client.connect(
		new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }),
	);
	return new Assistant(client, transcript, signal);
}
