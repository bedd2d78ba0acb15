import { freePort } from '../n8n/index.ts';

/** Hands out free ports of loopback, none twice. */
export class PortPool {
	private readonly taken = new Set<number>();

	/** The port if it is free, else another. */
	async take(preferred = 0): Promise<number> {
		let port = await freePort(preferred);
		while (this.taken.has(port)) port = await freePort();
		this.taken.add(port);
		return port;
	}
}
