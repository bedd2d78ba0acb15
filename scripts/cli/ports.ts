import { freePort, isPortFree, Problem } from '../n8n/index.ts';

/** Where n8n is unless told otherwise. */
export const N8N_PORT = 5678;
const BROKER_PORT = 5679;

export interface Ports {
	port: number;
	brokerPort: number;
}

/** Throws when the port asked for is taken, which is better known before the long steps. */
export async function checkPort(asked: number | undefined): Promise<void> {
	if (asked === undefined || (await isPortFree(asked))) return;
	throw new Problem(
		`Port ${asked} is taken by another program.`,
		'Stop that program, give another --port, or leave --port out to have a free one taken.',
	);
}

/** The port asked for, or else n8n's usual ones, or free ones where those are taken. */
export async function choosePorts(asked: number | undefined): Promise<Ports> {
	await checkPort(asked);
	const port = asked ?? (await freePort(N8N_PORT));
	let brokerPort = await freePort(BROKER_PORT);
	while (brokerPort === port) brokerPort = await freePort();
	return { port, brokerPort };
}
