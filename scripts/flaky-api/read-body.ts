import type { IncomingMessage } from 'node:http';

import { BadParameter } from './parameters.ts';

const LARGEST_BODY_BYTES = 10 * 1024 * 1024;

/** A request's body: parsed where it is JSON, else text; undefined where there is none. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		if (bytes > LARGEST_BODY_BYTES) throw new BadParameter('the body is over 10 MB');
		chunks.push(chunk);
	}
	if (bytes === 0) return undefined;
	const text = Buffer.concat(chunks).toString('utf8');
	if (!/\bjson\b/i.test(request.headers['content-type'] ?? '')) return text;
	try {
		return JSON.parse(text) as unknown;
	} catch {
		throw new BadParameter('the body is not valid JSON');
	}
}
