import { isOfOneState } from '../errors';
import type { Awaitable, Clock, Guard } from '../ports';
import type { GuardsHealth } from './guards-health';
import { PATIENCE_MS } from './in-time';

/** Messages that are kept until they can be sent: the latest, by their number and their age. */
const MOST_KEPT = 10_000;
const KEPT_MS = 60_000;

/** Messages whose answers are due at a time at most, so that calls need not wait behind them. */
const MOST_DUE = 200;

/** Something that a store must be told. */
export interface Message {
	readonly createdAt: number;
	/** What it is about. */
	readonly guards: readonly Guard[];
	send(): Awaitable<unknown>;
}

/**
 * What a store is told that nobody waits for: at once, also while it is slow, and when it is back if it is lost. What is
 * older than a minute or does not fit in is dropped: what it would give back has come back by itself when its lease
 * ended.
 */
export class Backlog {
	/** What is to be sent. */
	private readonly messages = new Set<Message>();
	private due = 0;
	/** Whether there may be messages that could be sent but for those that are due. */
	private isHeldUp = false;

	constructor(
		private readonly health: GuardsHealth,
		private readonly clock: Clock,
	) {
		health.onAnswer(() => this.sendAll());
	}

	/** Sends it as soon as may be, and again until that has answered. */
	add(message: Message): void {
		if (this.maySend(message)) this.send(message);
		else this.keep(message);
	}

	/** Sends it again if what is under way fails. */
	async follow(message: Message, answer: Awaitable<unknown>): Promise<void> {
		this.due++;
		try {
			await answer;
			this.due--;
		} catch (error) {
			this.due--;
			if (!isOfOneState(error)) this.retry(message);
		}
		if (this.isHeldUp) this.sendAll();
	}

	/** What failed while the store was down waits for a sign of it. */
	private retry(message: Message): void {
		if (this.health.isDown(message)) this.keep(message);
		else this.add(message);
	}

	private maySend(message: Message): boolean {
		if (this.health.conditionOf(message) === 'lost') return false;
		if (this.due < MOST_DUE) return true;
		this.isHeldUp = true;
		return false;
	}

	private keep(message: Message): void {
		const [oldest] = this.messages;
		if (this.messages.size >= MOST_KEPT) this.messages.delete(oldest!);
		this.messages.add(message);
	}

	/** All that may be sent now. */
	private sendAll(): void {
		this.isHeldUp = false;
		for (const message of this.messages) {
			const maySend = this.maySend(message);
			if (this.isHeldUp) return;
			if (!maySend) continue;
			this.messages.delete(message);
			this.send(message);
		}
	}

	private send(message: Message): void {
		if (this.clock.now() - message.createdAt >= KEPT_MS) return;
		void this.follow(message, this.judged(message));
	}

	/**
	 * How a store is that is down, its probes tell. And what fails late is of a time that may be over, also where the
	 * store is lost and back meanwhile.
	 */
	private async judged(message: Message): Promise<void> {
		const isDown = this.health.isDown(message);
		const sentAt = this.clock.now();
		try {
			await message.send();
		} catch (error) {
			if (!isDown && this.clock.now() - sentAt <= PATIENCE_MS)
				this.health.noteFailure(message, error);
			throw error;
		}
	}
}
