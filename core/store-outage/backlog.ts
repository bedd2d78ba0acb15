import type { Awaitable, Clock, Guard } from '../ports';
import type { GuardsHealth } from './guards-health';
import { isOfOneState } from './store-health';

/** Messages that are kept for a store that is down: the latest, by their number and their age. */
const MOST_KEPT = 10_000;
const KEPT_MS = 60_000;

/** How many of them it gets at a time when it is back, so that calls need not wait behind them. */
const SENT_AT_A_TIME = 50;

/** Something that a store must be told. */
export interface Message {
	readonly createdAt: number;
	/** What it is about. */
	readonly guards: readonly Guard[];
	send(): Awaitable<unknown>;
}

/**
 * What a store that is down is told when it is back. What is older than a minute or does not fit in is dropped: what it
 * would give back has come back by itself when its lease ended.
 */
export class Backlog {
	private readonly messages = new Set<Message>();

	constructor(
		private readonly health: GuardsHealth,
		private readonly clock: Clock,
	) {
		health.onBack(() => void this.sendAll());
	}

	/** Sends it now or when the store is back, and again until that has answered. */
	add(message: Message): void {
		this.keep(message);
		if (!this.health.isDown(message)) void this.sendAll();
	}

	/** It need not be sent any more. */
	drop(message: Message): void {
		this.messages.delete(message);
	}

	private keep(message: Message): void {
		const [oldest] = this.messages;
		if (this.messages.size >= MOST_KEPT) this.messages.delete(oldest!);
		this.messages.add(message);
	}

	private async sendAll(): Promise<void> {
		for (let taken = this.takeSome(); taken.length > 0; taken = this.takeSome())
			await Promise.all(taken.map((message) => this.send(message)));
	}

	/** Of those for what is not down. */
	private takeSome(): Message[] {
		const taken: Message[] = [];
		for (const message of this.messages) {
			if (this.health.isDown(message)) continue;
			this.messages.delete(message);
			if (this.clock.now() - message.createdAt < KEPT_MS) taken.push(message);
			if (taken.length === SENT_AT_A_TIME) break;
		}
		return taken;
	}

	private async send(message: Message): Promise<void> {
		try {
			await message.send();
		} catch (error) {
			if (!isOfOneState(error)) this.keep(message);
			this.health.noteFailure(message, error);
		}
	}
}
