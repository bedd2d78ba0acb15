import { randomUUID } from 'node:crypto';

/** n8n answered a request with an error. */
export class N8nRequestError extends Error {
	readonly status: number;

	constructor(what: string, status: number, answer: string) {
		super(`${what}: n8n answered ${status}: ${answer.slice(0, 500)}`);
		this.name = 'N8nRequestError';
		this.status = status;
	}
}

/** Requests to one n8n as one browser would make them: with its cookie, and its browser id. */
export class N8nConnection {
	readonly url: string;

	/** n8n's session is good only together with this id; editors keep it in local storage. */
	readonly browserId: string = randomUUID();

	/** The session cookie's value, once logged in. */
	cookie: string | undefined;

	/** For the public API. */
	apiKey: string | undefined;

	constructor(url: string) {
		this.url = url;
	}

	/** Calls the API that the editor uses; answers what stands under `data`. */
	async rest<T>(method: string, path: string, body?: unknown): Promise<T> {
		const answer = await this.request<{ data: T }>(method, `/rest${path}`, body, {
			'browser-id': this.browserId,
			...(this.cookie === undefined ? {} : { cookie: `n8n-auth=${this.cookie}` }),
		});
		return answer.data;
	}

	/** Calls the public API with the API key. */
	async publicApi<T>(method: string, path: string, body?: unknown): Promise<T> {
		return await this.request<T>(method, `/api/v1${path}`, body, {
			'x-n8n-api-key': this.apiKey ?? '',
		});
	}

	private async request<T>(
		method: string,
		path: string,
		body: unknown,
		headers: Record<string, string>,
	): Promise<T> {
		const response = await fetch(this.url + path, {
			method,
			headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		for (const cookie of response.headers.getSetCookie()) {
			const value = /^n8n-auth=([^;]+)/.exec(cookie)?.[1];
			if (value) this.cookie = value;
		}
		const text = await response.text();
		if (!response.ok) throw new N8nRequestError(`${method} ${path}`, response.status, text);
		return (text === '' ? undefined : JSON.parse(text)) as T;
	}
}
