import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Endpoint, FlakyState, Reply } from './endpoint.ts';
import { endpoints } from './endpoints/index.ts';
import { hold } from './hold.ts';
import { BadParameter, Parameters } from './parameters.ts';
import { readBody } from './read-body.ts';

/** Answers one request: finds its endpoint, counts the call, sends the reply. */
export async function answer(
	request: IncomingMessage,
	response: ServerResponse,
	state: FlakyState,
): Promise<void> {
	const url = new URL(request.url ?? '/', 'http://127.0.0.1');
	const [name = '', ...segments] = url.pathname.split('/').filter((part) => part !== '');
	const endpoint = endpoints.find((candidate) => candidate.name === name);
	if (!endpoint) {
		send(response, name === '' ? listing() : notFound(name));
		return;
	}
	const parameters = new Parameters(url.searchParams);
	const key = parameters.text('key', 'default');
	const entry = count(endpoint, key, response, state);
	send(response, await reply());

	async function reply(): Promise<Reply> {
		try {
			const method = request.method ?? 'GET';
			const body = await readBody(request);
			if (endpoint?.methods && !endpoint.methods.includes(method)) {
				const allow = endpoint.methods.join(', ');
				const error = `/${name} answers ${allow} only`;
				return { status: 405, headers: { allow }, body: { ok: false, error } };
			}
			const holdCall = async (ms: number) => await hold(response, ms);
			const { headers } = request;
			const call = { ...entry, method, segments, parameters, headers, body, key, hold: holdCall };
			return await (endpoint as Endpoint).handle(call, state);
		} catch (error) {
			if (error instanceof BadParameter) {
				return { status: 400, body: { ok: false, error: error.message } };
			}
			return { status: 500, body: { ok: false, error: String(error) } };
		}
	}
}

/** Counts the call until its answer is sent or its caller has left. */
function count(endpoint: Endpoint, key: string, response: ServerResponse, state: FlakyState) {
	if (endpoint.uncounted) {
		const record = { calls: 0, inFlight: 0, maxInFlight: 0, statuses: {}, arrivals: [] };
		return { record, callNumber: 0 };
	}
	const entry = state.ledger.begin(endpoint.name, key, state.now());
	response.once('close', () => {
		state.ledger.end(entry.record, response.writableFinished ? response.statusCode : undefined);
	});
	return entry;
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
	if (response.closed) return;
	const withoutBody = status === 204 || status === 304;
	response.writeHead(status, {
		...(withoutBody ? {} : { 'content-type': 'application/json; charset=utf-8' }),
		...headers,
	});
	response.end(withoutBody ? undefined : `${JSON.stringify(body)}\n`);
}

function listing(): Reply {
	const common = { key: 'whose counters the call belongs to (default "default")' };
	const list = endpoints.map(({ name, methods, summary, parameters }) => ({
		path: `/${name}`,
		methods: methods ?? 'any',
		summary,
		parameters: { ...common, ...parameters },
	}));
	return { status: 200, body: { name: "Bulwark's flaky API", endpoints: list } };
}

function notFound(name: string): Reply {
	const known = endpoints.map((endpoint) => `/${endpoint.name}`).join(', ');
	return { status: 404, body: { ok: false, error: `no /${name} here; there are ${known}` } };
}
