const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Longest that a process which nothing else keeps lives on, in ms. */
const LONGEST_DELAY_MS = 500;

/**
 * Calls `prepare` when somebody asks the process to end, which ends as it would without: a program that listens to the
 * signal itself does with it what it does; else the signal ends the process when `prepare` is done, or after half a
 * second.
 * @returns what stops listening.
 */
export function onTermination(prepare: () => Promise<unknown>): () => void {
	const stop = (): void => {
		for (const signal of SIGNALS) process.off(signal, take);
	};
	const take = (signal: NodeJS.Signals): void => {
		stop();
		const isLeftToUs = process.listenerCount(signal) === 0;
		const prepared = prepare().catch(() => undefined);
		if (!isLeftToUs) return;
		const end = (): void => void process.kill(process.pid, signal);
		const timer = setTimeout(end, LONGEST_DELAY_MS);
		void prepared.then(() => {
			clearTimeout(timer);
			end();
		});
	};
	// First, because one that listens for once is not to be seen any more after its turn.
	for (const signal of SIGNALS) process.prependListener(signal, take);
	return stop;
}
