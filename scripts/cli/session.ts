import { Problem } from '../n8n/index.ts';
import { Progress } from './progress.ts';
import { Stopped, stopSignal } from './stop-signals.ts';

/** What a command of ours runs with. */
export interface Session {
	progress: Progress;
	/** Fires when the user asks to stop. */
	signal: AbortSignal;
	/** Takes each thing that must be stopped in the end, as soon as it runs. */
	onRunning(stop: () => Promise<void>): void;
}

/**
 * Runs a command to its end, whatever ends it, then stops what it has started, the latest first.
 * The exit code is what `command` resolves with, 130 when it was stopped on the way, 1 when it failed.
 */
export async function runSession(command: (session: Session) => Promise<number>): Promise<void> {
	const progress = new Progress(process.stdout);
	const running: Array<() => Promise<void>> = [];
	const onRunning = (stop: () => Promise<void>) => void running.push(stop);
	try {
		process.exitCode = await command({ progress, signal: stopSignal(), onRunning });
	} catch (error) {
		process.exitCode = explain(error, progress);
	} finally {
		for (const stop of running.reverse()) await stop();
	}
}

/** Resolves when the user asks to stop. */
export async function untilAsked(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return;
	await new Promise<void>((resolve) => {
		signal.addEventListener('abort', () => resolve(), { once: true });
	});
}

/** Says what went wrong and what to do about it; returns the exit code. */
function explain(error: unknown, progress: Progress): number {
	if (error instanceof Stopped) {
		progress.say('\nStopped.');
		return 130;
	}
	if (error instanceof Problem) {
		process.stderr.write(`\n${error.message}\n-> ${error.remedy}\n`);
		return 1;
	}
	process.stderr.write(`\nUnexpected: ${error instanceof Error ? error.stack : String(error)}\n`);
	return 1;
}
