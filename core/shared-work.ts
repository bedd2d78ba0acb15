import { CancelledError } from './errors';
import { raceLimits } from './pipeline';
import type { Clock } from './ports';

interface Run<T> {
	readonly result: Promise<T>;
	readonly stopping: AbortController;
	waiting: number;
}

/**
 * Work that is done once for all who ask for it at the same time, and whose result is fresh for a while after. Who cancels
 * waits no longer; the work is stopped when nobody waits for it any more.
 */
export class SharedWork<T> {
	private running: Run<T> | undefined;
	private last: { readonly at: number; readonly value: T } | undefined;

	/** @param freshMs for how long after its end a result is given to others, in ms. */
	constructor(
		private readonly work: (signal: AbortSignal) => Promise<T>,
		private readonly freshMs: number,
		private readonly clock: Clock,
	) {}

	/** @throws {CancelledError} when the caller's signal fires. */
	async get(signal?: AbortSignal): Promise<T> {
		if (signal?.aborted) throw new CancelledError('waiting');
		const { last } = this;
		if (last && Math.abs(this.clock.now() - last.at) < this.freshMs) return last.value;
		const run = (this.running ??= this.begin());
		run.waiting++;
		try {
			const limits = { timeoutMs: undefined, scope: 'call', signal } as const;
			return await raceLimits(run.result, this.clock, limits);
		} finally {
			run.waiting--;
			if (run.waiting === 0) this.end(run);
		}
	}

	private begin(): Run<T> {
		const stopping = new AbortController();
		const result = this.work(stopping.signal).then((value) => {
			if (!stopping.signal.aborted) this.last = { at: this.clock.now(), value };
			return value;
		});
		return { result, stopping, waiting: 0 };
	}

	/** Whoever asks from now on has it begun anew. */
	private end(run: Run<T>): void {
		if (this.running === run) this.running = undefined;
		run.stopping.abort();
	}
}
