import type { Clock } from '../../../core/ports';
import type { WorkerCommands, WorkerStatus } from '../../../core/ports/stack';
import { matchProcesses, type LocalWorkers } from '../owners';
import type { RedisSession } from '../redis-session';
import { ExpectedAnswers } from './expected-answers';
import { workerAnswerOf, type WorkerAnswer } from './worker-answer';

type Listener = (answer: WorkerAnswer) => void;

/** Asks workers as n8n's main process does for its page of workers, which our answers do not reach. */
export class PubSubWorkerCommands implements WorkerCommands {
	private readonly listeners = new Set<Listener>();
	private readonly heard = new WeakSet<object>();

	constructor(
		private readonly session: RedisSession,
		private readonly prefix: string,
		private readonly localWorkers: LocalWorkers,
		private readonly clock: Clock,
		/** Makes ids that are unique for ever. */
		private readonly newId: () => string,
	) {}

	async askStatus(
		waitMs: number,
		signal?: AbortSignal,
		hostIds?: readonly string[],
		most = Infinity,
	): Promise<readonly WorkerStatus[]> {
		signal?.throwIfAborted();
		const requestId = `bulwark-${this.newId()}`;
		const answers = new ExpectedAnswers(hostIds);
		const isDone = () => answers.seen.length >= most || (hostIds !== undefined && answers.isWhole);
		let end = (): void => undefined;
		const listener: Listener = (answer) => {
			if (answer.requestId !== requestId) return;
			answers.add(this.localWorkers.see(answer.status));
			if (isDone()) end();
		};
		const ended = new Promise<void>((resolve) => (end = resolve));
		await this.localWorkers.refresh();
		const unsubscribe = await this.subscribe(listener);
		const cancelTimer = this.clock.schedule(end, waitMs);
		signal?.addEventListener('abort', end, { once: true });
		try {
			await this.publish(requestId);
			if (!isDone() && !signal?.aborted) await ended;
		} finally {
			cancelTimer();
			signal?.removeEventListener('abort', end);
			await unsubscribe();
		}
		signal?.throwIfAborted();
		return matchProcesses(answers.seen);
	}

	/** To be done before workers are asked: they answer whoever listens then. */
	private async subscribe(listener: Listener): Promise<() => Promise<void>> {
		const client = await this.session.listener('workers');
		const channel = `${this.prefix}:n8n.worker-response`;
		if (!this.heard.has(client)) {
			this.heard.add(client);
			client.on('message', (_channel: string, message: string) => this.hear(message));
		}
		this.listeners.add(listener);
		try {
			await client.subscribe(channel);
		} catch (error) {
			this.listeners.delete(listener);
			throw this.session.unavailable('workers', error);
		}
		return async () => {
			this.listeners.delete(listener);
			// Where the connection was lost, nothing is subscribed any more.
			if (this.listeners.size === 0) await client.unsubscribe(channel).catch(() => undefined);
		};
	}

	private hear(message: string): void {
		const answer = workerAnswerOf(message, this.clock.now());
		if (answer) for (const listener of this.listeners) listener(answer);
	}

	private async publish(requestId: string): Promise<void> {
		const command = {
			senderId: 'bulwark',
			command: 'get-worker-status',
			payload: { requestingUserId: requestId },
		};
		await this.session.ask('workers', (client) =>
			client.publish(`${this.prefix}:n8n.commands`, JSON.stringify(command)),
		);
	}
}
