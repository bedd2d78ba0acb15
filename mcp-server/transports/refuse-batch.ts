/** No client sends so much white space before its message, in bytes. */
const MOST_SPACE = 65_536;

/**
 * Refuses an array of messages: the protocol has none since 2025-06-18, and what counts requests would count a hundred
 * calls as one.
 * @returns the request with all of its body, or the refusal.
 */
export async function refuseBatch(request: Request): Promise<Request | Response> {
	if (!request.body) return request;
	const reader = request.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
	const read: Uint8Array[] = [];
	// One for all chunks: whoever parts a byte order mark hides what follows from a decoder of each.
	const decoder = new TextDecoder();
	let length = 0;
	let begin = '';
	let isOver = false;
	while (begin === '' && !isOver && length <= MOST_SPACE) {
		const { done, value } = await reader.read();
		isOver = done;
		if (!value) continue;
		read.push(value);
		length += value.length;
		begin = decoder.decode(value, { stream: true }).trimStart();
	}
	if (begin.startsWith('[') || (begin === '' && !isOver)) {
		await reader.cancel();
		return refusal();
	}
	const body = new ReadableStream<Uint8Array>({
		start: (out) => read.forEach((chunk) => out.enqueue(chunk)),
		pull: async (out) => {
			const { done, value } = await reader.read();
			if (done) out.close();
			else out.enqueue(value);
		},
		cancel: async (reason) => await reader.cancel(reason),
	});
	return new Request(request, { body, duplex: 'half' } as RequestInit);
}

const refusal = (): Response =>
	Response.json(
		{
			jsonrpc: '2.0',
			id: null,
			error: { code: -32600, message: 'Batches are not served: send one message a request' },
		},
		{ status: 400 },
	);
