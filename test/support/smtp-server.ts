import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A message as it came over the wire. */
export interface Mail {
	readonly from: string;
	readonly to: readonly string[];
	/** Headers, an empty line, and the text. */
	readonly content: string;
}

/** Takes any message. */
export interface SmtpServer {
	readonly port: number;
	readonly mails: Mail[];
	close(): Promise<void>;
}

/** A mail server of a test's own that delivers nothing (RFC 5321, without extensions). */
export async function startSmtpServer(): Promise<SmtpServer> {
	const mails: Mail[] = [];
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket.once('close', () => sockets.delete(socket)));
		socket.on('error', () => undefined);
		void talk(socket, (mail) => mails.push(mail));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		port: (server.address() as AddressInfo).port,
		mails,
		close: async () => {
			for (const socket of sockets) socket.destroy();
			server.close();
			await once(server, 'close');
		},
	};
}

async function talk(socket: Socket, take: (mail: Mail) => void): Promise<void> {
	const say = (text: string): void => void socket.write(`${text}\r\n`);
	let from = '';
	let to: string[] = [];
	let lines: string[] | undefined;
	say('220 test');
	for await (const line of createInterface({ input: socket })) {
		if (lines) {
			if (line !== '.') {
				lines.push(line.replace(/^\./, ''));
				continue;
			}
			take({ from, to, content: decoded(lines) });
			[to, lines] = [[], undefined];
			say('250 taken');
			continue;
		}
		const address = /<(.*)>/.exec(line)?.[1] ?? '';
		if (/^DATA/i.test(line)) lines = [];
		if (/^MAIL/i.test(line)) from = address;
		if (/^RCPT/i.test(line)) to.push(address);
		say(lines ? '354 go on' : /^QUIT/i.test(line) ? '221 bye' : '250 ok');
		if (/^QUIT/i.test(line)) socket.end();
	}
}

/** What is written so that each line is short and of ASCII only (quoted-printable). */
const decoded = (lines: readonly string[]): string =>
	lines
		.join('\n')
		.replaceAll(/\?=\n =\?UTF-8\?Q\?/g, '')
		.replaceAll(/=\?UTF-8\?Q\?(.*)\?=/g, (_, words: string) => words.replaceAll('_', ' '))
		.replaceAll('=\n', '')
		.replaceAll(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
