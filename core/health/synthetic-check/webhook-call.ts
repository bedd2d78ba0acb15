import { BulwarkError } from '../../errors';
import type { Clock } from '../../ports';
import type { N8nApi } from '../../ports/stack';
import type { CheckWebhook } from './check-webhook';
import type { SyntheticProblem } from './synthetic-report';

/** What became of a call. */
export type CallEnd =
	| {
			readonly isAnswer: true;
			readonly at: number;
			readonly status: number;
			/** What was called. */
			readonly url: string;
			/** As the prebuilt workflow tells it. */
			readonly executionId?: string;
			/** Whether what was sent came back; undefined of other workflows. */
			readonly isEcho?: boolean;
	  }
	| {
			readonly isAnswer: false;
			readonly at: number;
			/** Whether the time was up. */
			readonly isOverdue: boolean;
			readonly problem: SyntheticProblem;
	  };

/** A webhook that has been called. */
export class WebhookCall {
	private ended: CallEnd | undefined;

	constructor(
		private readonly webhook: CheckWebhook,
		private readonly nonce: string,
		private readonly clock: Clock,
	) {}

	/** Undefined as long as it is under way. */
	get end(): CallEnd | undefined {
		return this.ended;
	}

	/** Never throws: what goes wrong is an end, too. */
	async make(api: N8nApi, timeoutMs: number, signal?: AbortSignal): Promise<void> {
		const { path, method } = this.webhook;
		const calledAt = this.clock.now();
		const body = method === 'POST' ? { check: 'bulwark', nonce: this.nonce } : undefined;
		try {
			const answer = await api.callWebhook({ path, method, body, timeoutMs, signal });
			const told = this.webhook.isPrebuilt ? this.toldBy(answer.body) : {};
			const { url, status } = answer;
			this.ended = { isAnswer: true, at: this.clock.now(), url, status, ...told };
		} catch (error) {
			const problem =
				error instanceof BulwarkError
					? { says: error.message, remedy: error.remedy }
					: { says: (error as Error).message, remedy: 'bulwark-mcp doctor says more' };
			const at = this.clock.now();
			this.ended = { isAnswer: false, at, isOverdue: at - calledAt >= timeoutMs, problem };
		}
	}

	private toldBy(body: string): { isEcho: boolean; executionId?: string } {
		const { nonce, executionId } = fieldsOf(body);
		const isEcho = nonce === this.nonce;
		return isEcho && typeof executionId === 'string' ? { isEcho, executionId } : { isEcho };
	}
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
	try {
		return Object(JSON.parse(text)) as Record<string, unknown>;
	} catch {
		return {};
	}
}
