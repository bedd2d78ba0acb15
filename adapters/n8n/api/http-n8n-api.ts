import type { Clock } from '../../../core/ports';
import type { N8nApi } from '../../../core/ports/stack';
import { BulwarkError } from '../../../core/errors';
import { NotRetriedError, SourceUnavailableError } from '../../../core/stack';
import { exchange, NoAnswerError, within, type HttpAnswer } from '../http';
import type { N8nAddress } from '../stack-settings';
import { N8nRefusedError } from './n8n-refused-error';

/** Longest wait for an answer, in ms. */
const ANSWER_TIMEOUT_MS = 5_000;

/** How many of the newest executions are looked through for one that was just begun. */
const MOST_NEWEST = 100;

/** Where n8n has its production webhooks unless told otherwise. */
const WEBHOOK_ENDPOINT = 'webhook';

/** There is no key, or n8n does not take it. */
class KeyError extends SourceUnavailableError {}

type WebhookRequest = Parameters<N8nApi['callWebhook']>[0];

/** n8n's public API, by its key, and its production webhooks, which need none. */
export class HttpN8nApi implements N8nApi {
	constructor(
		private readonly n8n: N8nAddress,
		private readonly clock: Clock,
		private readonly answerTimeoutMs = ANSWER_TIMEOUT_MS,
	) {}

	get hasKey(): boolean {
		return this.n8n.apiKey !== undefined;
	}

	async check(): Promise<void> {
		await this.ask('GET', 'executions?limit=1');
	}

	async retry(executionId: string): Promise<string> {
		const path = `executions/${encodeURIComponent(executionId)}`;
		const [newest] = await this.newest(1).catch(notRetried);
		try {
			const { id } = await this.ask<{ id: string }>('POST', `${path}/retry`, {});
			return id;
		} catch (error) {
			if (isRefused(error)) return notRetried(error);
			// n8n answers when the new execution has ended, which may take hours: it shows itself before.
			const begun = (await this.newest(MOST_NEWEST)).find(
				({ id, retryOf }) => retryOf === executionId && Number(id) > Number(newest?.id ?? 0),
			);
			if (begun) return begun.id;
			// Who has answered does not begin it later.
			if (hasAnswered(error)) return notRetried(error);
			throw error;
		}
	}

	async stop(executionId: string): Promise<void> {
		await this.ask('POST', `executions/${encodeURIComponent(executionId)}/stop`, {});
	}

	async callWebhook({ path, method, body, timeoutMs, signal }: WebhookRequest) {
		const segments = segmentsOf(path);
		if (segments.length === 0 || segments.some((segment) => /^\.{1,2}$/.test(segment)))
			throw new N8nRefusedError(
				400,
				`"${path}" is not the path of a webhook`,
				"Give it as the Webhook node shows it, without n8n's address",
			);
		const { url: main, webhookUrl = main, webhookEndpoint = WEBHOOK_ENDPOINT } = this.n8n;
		const place = [...segmentsOf(webhookEndpoint), ...segments].map(encodeURIComponent).join('/');
		const url = within(webhookUrl, place);
		const calledAt = this.clock.now();
		try {
			const answer = await exchange(url, { method, body, timeoutMs, signal });
			const durationMs = this.clock.now() - calledAt;
			const { status, body: content } = answer;
			return { url: url.origin + url.pathname, status, body: content, durationMs };
		} catch (error) {
			throw explained(error, 'n8n.webhookUrl, or n8n.url where that is not set,');
		}
	}

	/**
	 * Newest first, also those that run. Not those that n8n itself has just enqueued and no worker has begun: it counts them
	 * as running, and finds no row that does.
	 */
	private async newest(limit: number): Promise<Array<{ id: string; retryOf: string | null }>> {
		type Page = { data: Array<{ id: string; retryOf: string | null }> };
		// n8n lists what runs and what has ended apart from each other. What ends meanwhile is in both, asked in this order.
		const running = await this.ask<Page>('GET', `executions?limit=${limit}&status=running`);
		const ended = await this.ask<Page>('GET', `executions?limit=${limit}`);
		return [...running.data, ...ended.data].sort((one, other) => Number(other.id) - Number(one.id));
	}

	private async ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
		const { url, apiKey } = this.n8n;
		if (apiKey === undefined)
			throw new KeyError(
				'n8n api',
				"No key for n8n's public API is configured",
				'Make one in n8n under Settings, n8n API, and set n8n.apiKey or BULWARK_N8N_API_KEY',
			);
		const headers = { 'x-n8n-api-key': apiKey };
		const timeoutMs = this.answerTimeoutMs;
		try {
			const place = within(url, `api/v1/${path}`);
			return contentOf<T>(await exchange(place, { method, headers, body, timeoutMs }));
		} catch (error) {
			throw explained(error);
		}
	}
}

function contentOf<T>({ status, body }: HttpAnswer): T {
	const content = parsed(body) as { message?: string } | undefined;
	if (status >= 200 && status < 300 && content !== undefined) return content as T;
	const said = `n8n answered ${status}${content?.message ? `: ${content.message}` : ''}`;
	if (status === 401 || status === 403)
		throw new KeyError(
			'n8n api',
			said,
			status === 401
				? 'The key is not valid any more, or of another n8n: make one under Settings, n8n API, and set n8n.apiKey'
				: 'Give the key the scopes execution:list, execution:read, execution:retry and execution:stop',
		);
	// Whatever else listens there would not say why.
	if (content?.message && [400, 404, 409, 422].includes(status))
		throw new N8nRefusedError(status, said, 'Look at the execution: it may have changed');
	throw new SourceUnavailableError(
		'n8n api',
		content === undefined && status < 300 ? 'What answers is not the public API of n8n' : said,
		'Check n8n.url, whether the public API is switched off (N8N_PUBLIC_API_DISABLED), and the log of n8n',
	);
}

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

const hasAnswered = (error: unknown): boolean =>
	error instanceof BulwarkError && !(error.cause instanceof NoAnswerError);

/** What is not allowed, cannot be found, or was asked of nobody. */
function isRefused(error: unknown): boolean {
	const cause = (error as Error).cause;
	if (cause instanceof NoAnswerError) return cause.isRefused;
	return error instanceof N8nRefusedError || error instanceof KeyError;
}

function notRetried(error: unknown): never {
	if (!(error instanceof BulwarkError)) throw error;
	throw new NotRetriedError(error.message, error.remedy);
}

/** @param setting that holds the address. */
function explained(error: unknown, setting = 'n8n.url'): unknown {
	if (!(error instanceof NoAnswerError)) return error;
	const unavailable = new SourceUnavailableError(
		'n8n api',
		error.message,
		`Check that n8n runs, that ${setting} is its address, and that this machine may connect to it`,
	);
	return Object.assign(unavailable, { cause: error });
}
