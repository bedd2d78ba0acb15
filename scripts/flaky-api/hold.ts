import type { ServerResponse } from 'node:http';

/** Resolves after that time, or at once when the caller leaves. */
export async function hold(response: ServerResponse, ms: number): Promise<void> {
	if (ms <= 0 || response.closed) return;
	await new Promise<void>((resolve) => {
		const done = () => {
			clearTimeout(timer);
			response.off('close', done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		response.on('close', done);
	});
}
