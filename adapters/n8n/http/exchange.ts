/** What is asked of a process of n8n. */
export interface HttpRequest {
	readonly method: 'GET' | 'POST';
	readonly headers?: Readonly<Record<string, string>>;
	/** Sent as JSON. */
	readonly body?: unknown;
	/** Longest wait for the whole answer, in ms. */
	readonly timeoutMs: number;
	readonly signal?: AbortSignal;
}

/** What it answered. */
export interface HttpAnswer {
	readonly status: number;
	/** At most the first million bytes. */
	readonly body: string;
	/** When it was made, by the clock of whoever answered: ms since the epoch, by the second. */
	readonly madeAt: number | undefined;
}

/** Nothing came back, or not in time. */
export class NoAnswerError extends Error {
	constructor(
		readonly url: string,
		/** Such as `connect ECONNREFUSED 127.0.0.1:5678`. */
		readonly why: string,
		/** Whether time ran out, so that what was asked for may be under way. */
		readonly isOverdue: boolean,
		/** Whether the machine answered that nobody listens there. */
		readonly isRefused: boolean,
		options?: ErrorOptions,
	) {
		super(`${url} does not answer: ${why}`, options);
	}
}

const MOST_BYTES = 1_000_000;

/**
 * One request, one answer, within its time. Redirects are answers too: what is sent goes to nobody else.
 * @throws {NoAnswerError} where there is none, unless the caller cancelled: then the reason of its signal.
 */
export async function exchange(
	url: URL,
	{ method, headers = {}, body, timeoutMs, signal }: HttpRequest,
): Promise<HttpAnswer> {
	const timeout = AbortSignal.timeout(timeoutMs);
	const isJson = body !== undefined;
	try {
		const response = await fetch(url, {
			method,
			headers: isJson ? { ...headers, 'content-type': 'application/json' } : headers,
			body: isJson ? JSON.stringify(body) : undefined,
			redirect: 'manual',
			signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
		});
		const { status, headers: told } = response;
		return { status, body: await firstOf(response), madeAt: madeAtOf(told) };
	} catch (error) {
		signal?.throwIfAborted();
		const why = timeout.aborted ? `no answer within ${timeoutMs} ms` : causeOf(error);
		const isRefused = !timeout.aborted && isRefusal(error);
		const place = url.origin + url.pathname;
		throw new NoAnswerError(place, why, timeout.aborted, isRefused, { cause: error });
	}
}

/** What a cache gives out was made before. */
function madeAtOf(headers: Headers): number | undefined {
	const madeAt = headers.has('age') ? NaN : Date.parse(headers.get('date') ?? '');
	return Number.isNaN(madeAt) ? undefined : madeAt;
}

async function firstOf(response: Response): Promise<string> {
	const chunks: Uint8Array[] = [];
	let bytes = 0;
	for await (const chunk of response.body ?? []) {
		chunks.push(chunk);
		bytes += chunk.byteLength;
		if (bytes >= MOST_BYTES) break;
	}
	return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString('utf8');
}

/** At all addresses, where there are several. */
function isRefusal(error: unknown): boolean {
	const { cause } = error as {
		cause?: { code?: string; errors?: ReadonlyArray<{ code?: string }> };
	};
	const codes = cause?.errors?.map(({ code }) => code) ?? [cause?.code];
	return codes.every((code) => code === 'ECONNREFUSED');
}

/** `fetch` only says that it failed; why is what lies below. */
function causeOf(error: unknown): string {
	const { cause } = error as { cause?: unknown };
	const { message, code } = (cause ?? error) as { message?: string; code?: string };
	// Several addresses failed: their errors have the messages.
	return message || code || String(error);
}
