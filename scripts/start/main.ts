import { resolve } from 'node:path';

import {
	claimRun,
	endRun,
	reset,
	runSession,
	type Session,
	StateFolder,
	untilAsked,
} from '../cli/index.ts';
import { Problem } from '../n8n/index.ts';
import { bringUp } from './bring-up.ts';
import { HELP, readOptions } from './options.ts';

const FOLDER = { command: 'npm start', variable: 'BULWARK_FOLDER', defaultName: '.bulwark' };

await runSession(start);

async function start({ progress, signal, onRunning }: Session): Promise<number> {
	const options = readOptions(process.argv.slice(2));
	if (options.help) {
		process.stdout.write(HELP);
		return 0;
	}
	const projectRoot = resolve(import.meta.dirname, '..', '..');
	const state = new StateFolder(projectRoot, process.env, FOLDER);
	await claimRun(state);
	onRunning(async () => await endRun(state));
	if (options.reset) {
		await reset(state, options.yes, signal);
		await claimRun(state);
	}
	const n8n = await bringUp({ projectRoot, state, options, progress, signal, onRunning });
	const asked = untilAsked(signal).then(() => 'asked' as const);
	if ((await Promise.race([asked, n8n.ended])) === 'asked') {
		progress.say('\nStopping ...');
		return 0;
	}
	throw new Problem('n8n has ended by itself.', `Its log: ${state.file('n8n.log')}`);
}
