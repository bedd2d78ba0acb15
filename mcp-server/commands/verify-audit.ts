import path from 'node:path';

import { AuditLog, namesIn } from '../../adapters/files';
import { sha256 } from '../../adapters/system';
import { LogCheck } from '../../core/audit';
import type { FullConfig } from '../config/read-config';

/** Checks all audit logs of a server. @returns whether all are whole: none is that cannot be read, or holds nothing. */
export async function verifyAudit(
	{ stateFolder }: Pick<FullConfig, 'stateFolder'>,
	say: (line: string) => void,
): Promise<boolean> {
	const folder = path.join(stateFolder, 'audit');
	let names: readonly string[];
	try {
		names = await namesIn(folder);
	} catch (error) {
		say(`${folder} ${unreadable(error)}`);
		return false;
	}
	if (names.length === 0) say(`There is no audit log in ${folder}, so nothing was checked.`);
	let areWhole = names.length > 0;
	for (const name of names) {
		const log = new AuditLog(path.join(folder, name), sha256);
		const isWhole = await verifyOne(name, log, say).catch((error: unknown) => {
			say(`${name}: ${unreadable(error)}`);
			return false;
		});
		areWhole &&= isWhole;
	}
	return areWhole;
}

const unreadable = (error: unknown): string => `CANNOT BE READ: ${(error as Error).message}.`;

async function verifyOne(
	name: string,
	log: AuditLog,
	say: (line: string) => void,
): Promise<boolean> {
	const check = new LogCheck(sha256);
	for await (const { file, first, lines } of log.lines()) {
		const broken = check.add(lines);
		if (broken) {
			say(`${name}: BROKEN at line ${first + broken.line - 1} of ${file}: ${broken.problem}.`);
			return false;
		}
	}
	const end = check.end();
	if ('problem' in end) {
		say(`${name}: BROKEN: ${end.problem}.`);
		return false;
	}
	const { head } = end;
	say(
		head
			? `${name}: whole, up to number ${head.number} (${head.hash}).`
			: `${name}: EMPTY: it holds no line, not even that this server was started: its files were taken away, or could not be written.`,
	);
	return head !== undefined;
}
