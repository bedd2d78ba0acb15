import { systemClock } from '../../adapters/system';

/**
 * Does a task at once and then again and again, each time so long after it has ended.
 * @param task never rejects
 * @returns what ends it, when the task that is under way has ended.
 */
export function repeat(task: () => Promise<void>, pauseMs: number): () => Promise<void> {
	let isOver = false;
	let cancel = (): void => undefined;
	let running: Promise<void>;
	const next = (): void => {
		running = task().then(() => {
			if (!isOver) cancel = systemClock.schedule(next, pauseMs);
		});
	};
	next();
	return async () => {
		isOver = true;
		cancel();
		await running;
	};
}
