import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

import { AuditLog } from '../../adapters/files';
import { sha256 } from '../../adapters/system';

/** Enough for a part of a line, in bytes. */
const ROOM_LEFT = 50;

/** Lets this process write no file beyond this length, as a disk does that is full. */
const limitFiles = (bytes: number | 'unlimited'): void => {
	execFileSync('prlimit', [`--pid=${process.pid}`, `--fsize=${bytes}:unlimited`]);
};

/** Notes an event, two while there is no room, and another one, and prints what became of each. */
async function fill(folder: string): Promise<void> {
	const log = new AuditLog(folder, sha256);
	const append = async (operation: string): Promise<string> => {
		const who = { name: 'alice', role: 'viewer', via: 'token' } as const;
		const event = { at: Date.now(), who, operation, input: {}, outcome: 'done' } as const;
		return await log.append(event).then(
			() => 'noted',
			(error: Error) => (error.cause as NodeJS.ErrnoException).code!,
		);
	};
	const became = [await append('before')];
	const [name] = readdirSync(folder);
	// Else the system ends a process that writes more.
	process.on('SIGXFSZ', () => undefined);
	limitFiles(statSync(path.join(folder, name!)).size + ROOM_LEFT);
	became.push(await append('lost'), await append('lost'));
	limitFiles('unlimited');
	became.push(await append('after'));
	await log.close();
	process.stdout.write(JSON.stringify(became));
}

void fill(process.argv[2]!).then(() => process.exit(0));
