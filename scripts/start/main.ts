import { resolve } from 'node:path';

import { Problem } from '../n8n/index.ts';
import { bringUp } from './bring-up.ts';
import { HELP, readOptions } from './options.ts';
import { Progress } from './progress.ts';
import { reset } from './reset.ts';
import { claimRun, endRun } from './single-run.ts';
import { StateFolder } from './state-folder.ts';
import { Stopped, stopSignal } from './stop-signals.ts';

const progress = new Progress(process.stdout);
const signal = stopSignal();
const running: Array<() => Promise<void>> = [];

try {
	process.exitCode = await start();
} catch (error) {
	process.exitCode = explain(error);
} finally {
	// n8n first, then what its workflows call.
	for (const stop of running.reverse()) await stop();
}

async function start(): Promise<number> {
	const options = readOptions(process.argv.slice(2));
	if (options.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const projectRoot = resolve(import.meta.dirname, '..', '..');
	const state = new StateFolder(projectRoot, process.env);
	await claimRun(state);
	running.push(async () => await endRun(state));
	if (options.reset) {
		await reset(state, options.yes, signal);
		await claimRun(state);
	}
	const onRunning = (stop: () => Promise<void>) => void running.push(stop);
	const n8n = await bringUp({ projectRoot, state, options, progress, signal, onRunning });
	const asked = new Promise<'asked'>((resolveAsked) => {
		if (signal.aborted) resolveAsked('asked');
		signal.addEventListener('abort', () => resolveAsked('asked'), { once: true });
	});
	if ((await Promise.race([asked, n8n.ended])) === 'asked') {
		progress.say('\nStopping ...');
		return 0;
	}
	throw new Problem('n8n has ended by itself.', `Its log: ${state.file('n8n.log')}`);
}

/** Says what went wrong and what to do about it; returns the exit code. */
function explain(error: unknown): number {
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
