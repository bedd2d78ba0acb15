import { connect } from 'node:net';

import { type RunningProcess, type ServerSetup, startServer } from '../cli/index.ts';

const HOST = '127.0.0.1';
const PING_TIMEOUT_MS = 2000;

export interface RedisAddress {
	host: string;
	port: number;
	password: string;
}

export interface RedisSetup extends Pick<
	ServerSetup,
	'program' | 'folder' | 'logFile' | 'onSpawned' | 'signal'
> {
	port: number;
	password: string;
}

/** Starts a Redis on loopback that keeps its data in the folder from stop to start. */
export async function startRedis(setup: RedisSetup): Promise<RunningProcess> {
	const { port, password, folder } = setup;
	// By its standard input: a command line is for everyone to read.
	const settings = [
		`bind ${HOST}`,
		`port ${port}`,
		`requirepass ${password}`,
		`dir "${folder}"`,
		// Saves on SIGTERM and once an hour; what the queue holds must be there after a restart.
		'save 3600 1',
	];
	return await startServer({
		...setup,
		name: 'Redis',
		args: ['-'],
		input: `${settings.join('\n')}\n`,
		stopSignal: 'SIGTERM',
		isReady: async () => await answersPing({ host: HOST, port, password }),
	});
}

/** Whether that Redis answers now. */
export async function answersPing({ host, port, password }: RedisAddress): Promise<boolean> {
	return await new Promise((resolve) => {
		const socket = connect(port, host);
		let answer = '';
		const finish = (isUp: boolean) => {
			socket.destroy();
			resolve(isUp);
		};
		socket.setEncoding('utf8').setTimeout(PING_TIMEOUT_MS, () => finish(false));
		socket.once('error', () => finish(false)).once('close', () => finish(false));
		socket.on('data', (text: string) => {
			answer += text;
			if (answer.includes('+PONG')) finish(true);
			else if (answer.includes('-')) finish(false);
		});
		socket.write(`AUTH ${password}\r\nPING\r\n`);
	});
}
