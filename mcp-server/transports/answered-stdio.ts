import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { Transform, type Readable, type Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

import type { Clock } from '../../core/ports';

/** How long answers are waited for when nothing more can be asked, in ms. */
const LAST_ANSWER_MS = 60_000;

/** Nobody knows to what it is the answer (JSON-RPC 2.0, section 5). */
const INVALID_REQUEST = {
	jsonrpc: '2.0',
	id: null,
	error: { code: -32600, message: 'Not a JSON-RPC message: send one as an object a line' },
};

/** What the library raises of JSON that is no message. */
interface Unfit extends Error {
	readonly issues: ReadonlyArray<{ readonly errors?: ReadonlyArray<readonly Issue[]> }>;
}

interface Issue {
	readonly code?: string;
	readonly path: readonly unknown[];
}

const isUnfit = (error: Error): error is Unfit => error.name === 'ZodError';

/** Whether it lacks nothing but to be an object: an array, null, a number. */
const isNoObject = ({ issues }: Unfit): boolean =>
	issues.every(({ errors = [[]] }) =>
		errors.every(([first]) => first?.code === 'invalid_type' && first.path.length === 0),
	);

/** Standard input and output. What was asked before the input ends is answered still; then it closes. */
export class AnsweredStdio implements Transport {
	onclose?: () => void;
	onerror?: (error: Error) => void;
	onmessage?: (message: JSONRPCMessage) => void;
	/** Resolves when nothing more comes and goes. */
	readonly closed: Promise<void>;
	private readonly wire: StdioServerTransport;
	private readonly unanswered = new Set<RequestId>();
	private whenAnswered = (): void => undefined;

	constructor(
		stdin: Readable,
		stdout: Writable,
		private readonly clock: Clock,
	) {
		// Its end is told late: the library's transport answers nothing more from then on.
		const input = new Transform({
			transform: (chunk, _encoding, next) => next(null, chunk),
			flush: (end) => void this.answered().then(() => end()),
		});
		stdin.pipe(input);
		stdin.once('close', () => input.writableEnded || input.end());
		// Such as that of a socket whose other end is gone; without a listener it would end the process at once.
		stdin.on('error', (error) => this.onerror?.(error));
		this.wire = new StdioServerTransport(input, stdout);
		this.wire.onmessage = (message) => {
			this.take(message);
			this.onmessage?.(message);
		};
		this.wire.onerror = (error) => void this.refuse(error);
		this.closed = new Promise((resolve) => {
			this.wire.onclose = () => {
				stdin.unpipe(input);
				stdin.pause();
				resolve();
				this.onclose?.();
			};
		});
	}

	async start(): Promise<void> {
		await this.wire.start();
	}

	async send(message: JSONRPCMessage): Promise<void> {
		try {
			await this.wire.send(message);
		} finally {
			if ('id' in message && !('method' in message)) this.forget(message.id);
		}
	}

	async close(): Promise<void> {
		this.whenAnswered();
		await this.wire.close();
	}

	/** A line that is no message is told of without all that it lacks, and answered where it is no object at all. */
	private async refuse(error: Error): Promise<void> {
		if (!isUnfit(error)) return this.onerror?.(error);
		this.onerror?.(new Error('A line of the input is no JSON-RPC message'));
		// To answer an object that may be an answer itself would go on for ever.
		if (!isNoObject(error)) return;
		await this.wire
			.send(INVALID_REQUEST as unknown as JSONRPCMessage)
			.catch((unsent: Error) => this.onerror?.(unsent));
	}

	private take(message: JSONRPCMessage): void {
		if (!('method' in message)) return;
		// What somebody listens for has no end, and what is cancelled no answer.
		if ('id' in message && message.method !== 'subscriptions/listen')
			this.unanswered.add(message.id);
		if (message.method === 'notifications/cancelled')
			this.forget(message.params?.requestId as RequestId | undefined);
	}

	private forget(id: RequestId | undefined): void {
		if (id !== undefined) this.unanswered.delete(id);
		if (this.unanswered.size === 0) this.whenAnswered();
	}

	private async answered(): Promise<void> {
		// The last messages are taken before.
		await setImmediate();
		if (this.unanswered.size === 0) return;
		await new Promise<void>((resolve) => {
			const cancel = this.clock.schedule(resolve, LAST_ANSWER_MS);
			this.whenAnswered = () => {
				cancel();
				resolve();
			};
		});
	}
}
