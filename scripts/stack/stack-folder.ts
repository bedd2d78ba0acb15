import type { StateFolderKind } from '../cli/index.ts';

/** Where `npm run stack` keeps everything. */
export const STACK_FOLDER: StateFolderKind = {
	command: 'npm run stack',
	variable: 'BULWARK_STACK_FOLDER',
	defaultName: '.bulwark-stack',
};
