import { hostname } from 'node:os';

/** Votes hold it. */
const LONGEST_NAME = 200;

/**
 * What this worker is called, also after a new start: what BULWARK_WORKER says, else the name of the machine, which is
 * the container's in a container. As with n8n's own host id, processes of one machine share its name.
 */
export const workerName = (env: NodeJS.ProcessEnv = process.env): string =>
	(env.BULWARK_WORKER || hostname()).slice(0, LONGEST_NAME);
