import { homedir } from 'node:os';
import path from 'node:path';

/** Where nodes keep what must outlive a process: BULWARK_STATE_FOLDER, else a folder in n8n's own. */
const bulwarkFolder = (): string =>
	process.env.BULWARK_STATE_FOLDER ||
	path.join(process.env.N8N_USER_FOLDER || homedir(), '.n8n', 'bulwark');

export const plansFolder = (): string => path.join(bulwarkFolder(), 'plans');

export const auditFolder = (): string => path.join(bulwarkFolder(), 'audit');

export const recoveriesFile = (): string => path.join(bulwarkFolder(), 'recoveries.sqlite');
