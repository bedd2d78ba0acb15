import { appendFile, mkdir, open, rm, truncate, type FileHandle } from 'node:fs/promises';
import path from 'node:path';

import {
	chainLine,
	EMPTY_CHAIN,
	forgottenLines,
	headAfter,
	type AuditEvent,
	type ChainHead,
} from '../../core/audit';
import { BulwarkError } from '../../core/errors';
import { isoTime } from '../../core/iso-time';
import type { Sha256 } from '../../core/ports';
import { endOf, linesOf } from './log-lines';
import { namesIn } from './names-in';
import { StateUnwritableError } from './write-whole';

const DAY_MS = 24 * 3_600_000;
/** The file that is written to, in bytes as long as it is known to be whole. */
interface OpenDay {
	readonly day: string;
	readonly file: FileHandle;
	length: number;
}

/** Of files that hold what is left of a line beside those that it is of. */
const TORN = '.torn';

const FILE = /^(\d{4}-\d{2}-\d{2})\.jsonl$/;

/** One replica's audit log: a file a day, all of them one chain. */
export class AuditLog {
	private head: ChainHead | undefined;
	private today: OpenDay | undefined;
	/** Lines are written one after another: each holds the hash of the one before. */
	private last: Promise<unknown> = Promise.resolve();

	constructor(
		private readonly folder: string,
		private readonly sha256: Sha256,
	) {}

	/**
	 * Resolves when the event is on disk.
	 * @throws {StateUnwritableError}
	 * @throws {AuditLogBrokenError} where the line was altered on which it is to follow.
	 */
	async append(event: AuditEvent): Promise<void> {
		await this.inTurn(async () => await this.write(event)).catch(this.unwritable);
	}

	/**
	 * Deletes files in which everything is older than this, once the log says so. The rest still is one chain.
	 * @param now ms since the epoch.
	 * @throws {StateUnwritableError}
	 * @throws {AuditLogBrokenError} where the last line was altered of those that are old: none is deleted.
	 */
	async forgetBefore(at: number, now: number): Promise<void> {
		await this.forget(at, now).catch(this.unwritable);
	}

	/** Lines from the oldest on, file by file, of each a portion at a time; `first` is the number of its first, from 1. */
	async *lines(): AsyncGenerator<{
		readonly file: string;
		readonly first: number;
		readonly lines: readonly string[];
	}> {
		for (const { name } of await this.files()) {
			const file = path.join(this.folder, name);
			let first = 1;
			for await (const lines of linesOf(file)) {
				yield { file, first, lines };
				first += lines.length;
			}
		}
	}

	async close(): Promise<void> {
		await this.inTurn(async () => {
			await this.today?.file.close();
			this.today = undefined;
			// What is still noted of a call that ends late follows on what another process has written.
			this.head = undefined;
		});
	}

	private async forget(at: number, now: number): Promise<void> {
		const isOld = ({ day }: { readonly day: string }) => Date.parse(day) + DAY_MS <= at;
		if (!(await this.files()).some(isOld)) return;
		// The newest may be old, too, and end in the midst of a line.
		await this.inTurn(async () => (this.head ??= await this.findHead()));
		const old = (await this.files()).filter(isOld);
		const last = old.at(-1);
		if (!last) return;
		const { line } = await endOf(path.join(this.folder, last.name));
		await this.append(forgottenLines(now, headAfter(line, this.sha256)));
		for (const { name } of old) {
			await rm(path.join(this.folder, `${name}${TORN}`), { force: true });
			await rm(path.join(this.folder, name));
		}
	}

	private async inTurn<T>(work: () => Promise<T>): Promise<T> {
		const done = this.last.then(work);
		this.last = done.catch(() => undefined);
		return await done;
	}

	private async write(event: AuditEvent): Promise<void> {
		this.head ??= await this.findHead();
		const { line, head } = chainLine(this.head, event, this.sha256);
		const today = await this.openDay(isoTime(event.at).slice(0, 10));
		const text = `${line}\n`;
		try {
			await today.file.appendFile(text);
			await today.file.datasync();
		} catch (error) {
			await this.takeBack(today);
			throw error;
		}
		today.length += Buffer.byteLength(text);
		this.head = head;
	}

	/** A disk that is full takes a part of a line, on which no other may follow. */
	private async takeBack({ file, length }: OpenDay): Promise<void> {
		try {
			await file.truncate(length);
		} catch {
			// The next line looks for the end of what is whole.
			this.head = undefined;
			this.today = undefined;
			await file.close().catch(() => undefined);
		}
	}

	/** The file of this day, or of a later one to which was written: a clock that is set back must not part the chain. */
	private async openDay(day: string): Promise<OpenDay> {
		if (this.today && day <= this.today.day) return this.today;
		const newest = (await this.files()).at(-1)?.day ?? day;
		await this.today?.file.close();
		this.today = undefined;
		await mkdir(this.folder, { recursive: true, mode: 0o700 });
		const due = day < newest ? newest : day;
		const file = await open(path.join(this.folder, `${due}.jsonl`), 'a', 0o600);
		this.today = { day: due, file, length: (await file.stat()).size };
		return this.today;
	}

	private async findHead(): Promise<ChainHead> {
		const newest = (await this.files()).at(-1);
		if (!newest) return EMPTY_CHAIN;
		const file = path.join(this.folder, newest.name);
		const last = await withoutTornEnd(file);
		if (last !== '') return headAfter(last, this.sha256);
		// The process ended within the first line of a day.
		await rm(file);
		return await this.findHead();
	}

	private readonly unwritable = (error: unknown): never => {
		if (error instanceof BulwarkError) throw error;
		throw new StateUnwritableError(`The audit log in ${this.folder}`, error);
	};

	private async files(): Promise<Array<{ readonly name: string; readonly day: string }>> {
		// A folder that cannot be read is no empty one: a new chain would begin in it.
		const names = await namesIn(this.folder);
		return names.flatMap((name) => {
			const day = FILE.exec(name)?.[1];
			return day ? [{ name, day }] : [];
		});
	}
}

/**
 * Sets apart what is left of a line in the midst of which the process ended: what it told of was not done.
 * @returns the last line.
 */
async function withoutTornEnd(file: string): Promise<string> {
	const { line, length, torn } = await endOf(file);
	if (torn === '') return line;
	await appendFile(`${file}${TORN}`, `${torn}\n`, { mode: 0o600 });
	await truncate(file, length);
	return line;
}
