import { setTimeout as sleep } from 'node:timers/promises';

import type { WorkedStack } from './worked-stack';

const CALL_EVERY_MS = 500;

/** Begins an execution every now and then, each of which ends as soon as a worker has it. */
export class Traffic {
	private readonly stopping = new AbortController();
	private readonly running: Promise<void>;

	constructor(private readonly stack: Pick<WorkedStack, 'trigger'>) {
		this.running = this.run();
		// Whoever stops it is told.
		this.running.catch(() => undefined);
	}

	async stop(): Promise<void> {
		this.stopping.abort();
		await this.running;
	}

	private async run(): Promise<void> {
		while (!this.stopping.signal.aborted) {
			await this.stack.trigger('quick', 1);
			await sleep(CALL_EVERY_MS, undefined, { ref: false });
		}
	}
}
