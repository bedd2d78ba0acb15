import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { userInfo } from 'node:os';

import { systemClock } from '../../adapters/system';
import type { FullConfig } from '../config/read-config';
import { offers } from '../offers';
import { openHost } from '../open-host';
import { createServer } from '../server/create-server';
import { AnsweredStdio } from '../transports/answered-stdio';
import { LibraryErrors } from '../transports/protocol-fault';
import { logErrors } from './log-errors';

/** Serves whoever started this process, over its standard streams, until these close and all is answered. */
export async function talk(config: FullConfig, log: (line: string) => void): Promise<void> {
	const onError = logErrors(config, log);
	const host = await openHost(config, 'stdio', onError);
	const who = { name: userInfo().username, role: config.stdio.role, via: 'stdio' as const };
	const transport = new AnsweredStdio(process.stdin, process.stdout, systemClock);
	const errors = new LibraryErrors(onError);
	const server = serveStdio(
		({ era }) => errors.ours(() => createServer(offers, host, { who, era })),
		{ transport, onerror: errors.raised },
	);
	await new Promise<void>((resolve) => {
		void transport.closed.then(resolve);
		process.once('SIGTERM', resolve);
		process.once('SIGINT', resolve);
	});
	await server.close();
	await host.close();
}
