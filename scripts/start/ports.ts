import { freePort, isPortFree, Problem } from '../n8n/index.ts';

const N8N_PORT = 5678;
const BROKER_PORT = 5679;

export interface Ports {
	port: number;
	brokerPort: number;
}

/** The port asked for, or else n8n's usual ones, or free ones where those are taken. */
export async function choosePorts(asked: number | undefined): Promise<Ports> {
	if (asked !== undefined && !(await isPortFree(asked))) {
		throw new Problem(
			`Port ${asked} is taken by another program.`,
			'Stop that program, give another --port, or leave --port out to have a free one taken.',
		);
	}
	const port = asked ?? (await freePort(N8N_PORT));
	let brokerPort = await freePort(BROKER_PORT);
	while (brokerPort === port) brokerPort = await freePort();
	return { port, brokerPort };
}
