import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { AuditLog } from '../../adapters/files';
import { sha256 } from '../../adapters/system';
import { checkChain, type ChainHead } from '../../core/audit';
import type { FullConfig } from '../config/read-config';

/** Checks all audit logs of a server. @returns whether all are whole. */
export async function verifyAudit(
	{ stateFolder }: FullConfig,
	say: (line: string) => void,
): Promise<boolean> {
	const folder = path.join(stateFolder, 'audit');
	const names = (await readdir(folder).catch(() => [])).sort();
	if (names.length === 0) say(`There is no audit log in ${folder} yet.`);
	let areWhole = true;
	for (const name of names)
		areWhole =
			(await verifyOne(name, new AuditLog(path.join(folder, name), sha256), say)) && areWhole;
	return areWhole;
}

async function verifyOne(
	name: string,
	log: AuditLog,
	say: (line: string) => void,
): Promise<boolean> {
	let head: ChainHead | undefined;
	for await (const { file, lines } of log.lines()) {
		const check = checkChain(lines, head, sha256);
		if (!check.isWhole) {
			say(`${name}: BROKEN at line ${check.line} of ${file}: ${check.problem}.`);
			return false;
		}
		head = check.head;
	}
	say(head ? `${name}: whole, up to number ${head.number} (${head.hash}).` : `${name}: empty.`);
	return true;
}
