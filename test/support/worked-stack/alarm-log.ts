import { setTimeout as sleep } from 'node:timers/promises';

import { until } from '../until';
import { workersToldBy, type ToldWorker } from './replicas';
import type { Replica } from './worked-stack';

const ASK_EVERY_MS = 1_000;

/** What is no way for a worker to be that is well. */
const ALARMS: readonly string[] = ['zombie', 'vanished', 'unresponsive'];

export const isAlarming = ({ state }: Pick<ToldWorker, 'state'>): boolean => ALARMS.includes(state);

/** The first alarm about a worker. */
export interface Alarm extends ToldWorker {
	/** When it was told of, ms since the epoch. */
	readonly toldAt: number;
}

/** Asks a replica every second how the workers are, and remembers every alarm. */
export class AlarmLog {
	/** By the worker's name. */
	readonly alarms = new Map<string, Alarm>();
	private readonly stopping = new AbortController();
	private readonly running: Promise<void>;

	constructor(private readonly replica: Replica) {
		this.running = this.run();
		// Whoever waits for an alarm, or stops it, is told.
		this.running.catch(() => undefined);
	}

	async until(worker: string): Promise<Alarm> {
		const found = until(() => this.alarms.has(worker));
		await Promise.race([found, this.running]);
		return this.alarms.get(worker)!;
	}

	async stop(): Promise<void> {
		this.stopping.abort();
		await this.running;
	}

	private async run(): Promise<void> {
		while (!this.stopping.signal.aborted) {
			for (const [name, worker] of await workersToldBy(this.replica))
				if (isAlarming(worker) && !this.alarms.has(name))
					this.alarms.set(name, { ...worker, toldAt: Date.now() });
			await sleep(ASK_EVERY_MS, undefined, { ref: false });
		}
	}
}
