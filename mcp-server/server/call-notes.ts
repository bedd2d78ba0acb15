import type { Principal } from '../../core/access';
import { shallow, type AuditOutcome } from '../../core/audit';
import { BulwarkError } from '../../core/errors';
import { oneLine } from '../../core/one-line';
import type { ToolHost } from './tool-host';

/** What is called, by whom and with what. */
interface NotedCall {
	readonly who: Principal;
	readonly operation: string;
	readonly input: unknown;
}

/** What the audit log is told of one call, without secrets. */
export class CallNotes {
	private readonly startedAt: number;
	private readonly call: NotedCall;

	constructor(
		private readonly host: Pick<ToolHost<unknown>, 'audit' | 'redactor' | 'clock' | 'onError'>,
		call: NotedCall,
	) {
		this.call = { ...call, input: shallow(call.input) };
		this.startedAt = host.clock.now();
	}

	/** Of what is about to be changed. @throws where it cannot be noted, so that it is not done. */
	async before(): Promise<void> {
		await this.note('started');
	}

	/**
	 * Of what is over: an answer that somebody waits for is not thrown away because it cannot be noted.
	 * @returns what the answer is to say of that.
	 */
	async after(
		outcome: Exclude<AuditOutcome, 'started'>,
		detail?: string,
	): Promise<readonly string[]> {
		try {
			await this.note(outcome, detail);
			return [];
		} catch (error) {
			this.host.onError(error as Error);
			return [`This call is not noted: ${explained(error)}`];
		}
	}

	private async note(outcome: AuditOutcome, detail?: string): Promise<void> {
		const { audit, redactor, clock } = this.host;
		const durationMs = clock.now() - this.startedAt;
		const told = detail && oneLine(redactor.text(detail));
		await audit(redactor.data({ ...this.call, outcome, detail: told, durationMs }));
	}
}

/** An error as whoever called is told of it. */
export function explained(error: unknown): string {
	if (error instanceof BulwarkError) return `${error.code}: ${error.message}. ${error.remedy}.`;
	return 'INTERNAL: Something went wrong that nobody expected. Look into the log of the server.';
}
