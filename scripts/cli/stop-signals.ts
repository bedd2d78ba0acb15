/** Thrown through whatever runs when the user asks to stop. */
export class Stopped extends Error {}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Fires when the user or the system asks to stop. Further signals change nothing: npm passes each on twice. */
export function stopSignal(): AbortSignal {
	const controller = new AbortController();
	for (const signal of SIGNALS) {
		process.on(signal, () => {
			if (!controller.signal.aborted) controller.abort(new Stopped(signal));
		});
	}
	return controller.signal;
}
