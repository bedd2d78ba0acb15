import { readdir, readFile, readlink } from 'node:fs/promises';

/** A TCP connection that is established, as this machine's kernel knows it. */
export interface ProcessSocket {
	/** As `host:port`, with brackets around an IPv6 address. */
	readonly local: string;
	readonly remote: string;
}

/** As /proc/net/tcp writes it. */
const ESTABLISHED = '01';

/** The connections of a process; none where it has ended, or this user may not see them. */
export async function socketsOf(processId: number): Promise<readonly ProcessSocket[]> {
	const [own, ...tables] = await Promise.all([
		inodesOf(processId),
		...['tcp', 'tcp6'].map((name) =>
			readFile(`/proc/${processId}/net/${name}`, 'utf8').catch(() => ''),
		),
	]);
	return tables
		.flatMap((table) => table.split('\n').slice(1))
		.map((line) => line.trim().split(/\s+/))
		.filter((fields) => fields[3] === ESTABLISHED && own.has(fields[9] ?? ''))
		.map(([, local, remote]) => ({ local: addressOf(local!), remote: addressOf(remote!) }));
}

async function inodesOf(processId: number): Promise<ReadonlySet<string>> {
	const folder = `/proc/${processId}/fd`;
	const files = await readdir(folder).catch(() => []);
	const targets = await Promise.all(
		files.map((file) => readlink(`${folder}/${file}`).catch(() => '')),
	);
	const inodes = targets.map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1]);
	return new Set(inodes.filter((inode) => inode !== undefined));
}

/** The kernel writes addresses as words of four bytes in the order of this machine, and ports as they are. */
function addressOf(hex: string): string {
	const [words, port] = hex.split(':') as [string, string];
	const bytes = words
		.match(/.{8}/g)!
		.flatMap((word) => word.match(/../g)!.reverse())
		.map((byte) => Number.parseInt(byte, 16));
	return `${hostOf(bytes)}:${Number.parseInt(port, 16)}`;
}

function hostOf(bytes: readonly number[]): string {
	const isMapped =
		bytes.length === 16 &&
		bytes.slice(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 0xff));
	if (bytes.length === 4 || isMapped) return bytes.slice(-4).join('.');
	const groups = Array.from({ length: 8 }, (_, index) =>
		(bytes[2 * index]! * 256 + bytes[2 * index + 1]!).toString(16),
	);
	// Shortened as Redis writes it.
	return new URL(`http://[${groups.join(':')}]`).hostname;
}
