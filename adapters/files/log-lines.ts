import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** Read at once, in bytes: a file may be too large for a text. */
const PORTION = 1 << 20;
const FIRST_TAIL = 1 << 16;

const NEWLINE = 10;

/** Lines of a file, from the first on, a portion at a time. A line that does not end is left out. */
export async function* linesOf(file: string): AsyncGenerator<readonly string[]> {
	let begun = '';
	const portions: AsyncIterable<string> = createReadStream(file, {
		encoding: 'utf8',
		highWaterMark: PORTION,
	});
	for await (const portion of portions) {
		const lines = (begun + portion).split('\n');
		begun = lines.pop()!;
		if (lines.length > 0) yield lines;
	}
}

/** How a file ends. */
export interface FileEnd {
	/** The last line that ends and is not blank; empty where there is none. */
	readonly line: string;
	/** Up to the end of the last line that ends, in bytes. */
	readonly length: number;
	/** What follows on it. */
	readonly torn: string;
}

/** Looks at the end of a file only, however large it is. */
export async function endOf(file: string): Promise<FileEnd> {
	const handle = await open(file);
	try {
		const { size } = await handle.stat();
		for (let tail = FIRST_TAIL; ; tail *= 2) {
			const from = Math.max(0, size - tail);
			const read = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
			const bytes = read.buffer.subarray(0, read.bytesRead);
			const end = bytes.lastIndexOf(NEWLINE) + 1;
			const whole = bytes.subarray(0, end).toString().trimEnd();
			const begin = whole.lastIndexOf('\n') + 1;
			if (begin === 0 && from > 0) continue;
			return {
				line: whole.slice(begin),
				length: from + end,
				torn: bytes.subarray(end).toString(),
			};
		}
	} finally {
		await handle.close();
	}
}
