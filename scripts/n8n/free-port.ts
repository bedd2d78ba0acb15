import { createServer, type AddressInfo } from 'node:net';

/** The port if nobody listens there on loopback, else one that is free. */
export async function freePort(preferred = 0): Promise<number> {
	return (await tryPort(preferred)) ?? (await tryPort(0)) ?? preferred;
}

/** Whether one could listen on the port now. */
export async function isPortFree(port: number): Promise<boolean> {
	return (await tryPort(port)) !== undefined;
}

async function tryPort(port: number): Promise<number | undefined> {
	return await new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(undefined));
		server.listen(port, '127.0.0.1', () => {
			const taken = (server.address() as AddressInfo).port;
			server.close(() => resolve(taken));
		});
	});
}
