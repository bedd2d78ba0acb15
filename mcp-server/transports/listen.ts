import type { Server } from 'node:http';

import { BulwarkError } from '../../core/errors';
import type { Config } from '../config/config-schema';

/** The server cannot listen where it is to. */
export class ListenError extends BulwarkError {
	readonly code = 'LISTEN_FAILED';
}

const OTHER_HOST = 'Give one that it has, or 0.0.0.0 for all: --host or http.host';

/** What keeps a server from listening, and what to do, by the code of the system's error. */
const REASONS: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
	EADDRINUSE: [
		'another program listens there already',
		'Stop it, or choose another port: --port or http.port',
	],
	EADDRNOTAVAIL: ['this machine does not have that address', OTHER_HOST],
	ENOTFOUND: ['no address is known of that host', OTHER_HOST],
	EAI_AGAIN: ['no address is known of that host now', OTHER_HOST],
	EACCES: [
		'this process may not listen there',
		'Choose a port from 1024 on: --port or http.port; or let it listen at those below',
	],
};

/**
 * @param onError told of each fault of the server once it listens, such as a connection that it cannot take for want of
 * file handles. It goes on.
 * @throws {ListenError}
 */
export async function listen(
	server: Server,
	{ host, port }: Pick<Config['http'], 'host' | 'port'>,
	onError: (error: Error) => void,
): Promise<void> {
	try {
		await new Promise<void>((resolve, reject) => {
			server.once('error', reject);
			server.listen(port, host, () => {
				server.off('error', reject);
				server.on('error', onError);
				resolve();
			});
		});
	} catch (error) {
		const { code = '', message } = error as NodeJS.ErrnoException;
		const [problem, remedy] = REASONS[code] ?? [
			message,
			'Choose where this server listens: --host or http.host, --port or http.port',
		];
		const failed = new ListenError(
			`http.host and http.port (${placeOf({ host, port })}): ${problem}`,
			remedy,
		);
		throw Object.assign(failed, { cause: error });
	}
}

/** A host, an IPv6 address in brackets, and its port. */
export const placeOf = ({ host, port }: Pick<Config['http'], 'host' | 'port'>): string =>
	`${host.includes(':') ? `[${host}]` : host}:${port}`;
