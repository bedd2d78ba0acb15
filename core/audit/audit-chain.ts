import { isoTime } from '../iso-time';
import type { Sha256 } from '../ports';
import type { AuditEvent } from './audit-event';
import { AuditLogBrokenError } from './audit-log-broken-error';

/** The end of a chain: the next line follows on it. */
export interface ChainHead {
	/** Of the last line; 0 before the first. */
	readonly number: number;
	readonly hash: string;
}

/** Before the first line of a chain. */
export const EMPTY_CHAIN: ChainHead = { number: 0, hash: '0'.repeat(64) };

const HASH_FIELD = /,"hash":"([0-9a-f]{64})"\}$/;

/**
 * The next line of an audit log: JSON that ends with the hash of the rest of itself, in which the hash of the line before
 * stands. So no line can be changed, left out, added or moved without all later ones being made anew.
 */
export function chainLine(
	head: ChainHead,
	event: AuditEvent,
	sha256: Sha256,
): { readonly line: string; readonly head: ChainHead } {
	const number = head.number + 1;
	const body = JSON.stringify({ number, ...timed(event), previous: head.hash });
	const hash = sha256(body);
	return { line: `${body.slice(0, -1)},"hash":"${hash}"}`, head: { number, hash } };
}

/** A line that does not follow on the one before. */
export interface BrokenLink {
	/** Of the line among those that were looked at, from 1. */
	readonly line: number;
	readonly problem: string;
}

/** What checking a part of a chain shows. */
export type ChainCheck =
	{ readonly isWhole: true; readonly head: ChainHead } | ({ readonly isWhole: false } & BrokenLink);

/**
 * Checks lines against one another.
 * @param head what they follow on; undefined takes the first line's word for it, as where older lines were deleted
 * when their time was over.
 */
export function checkChain(
	lines: Iterable<string>,
	head: ChainHead | undefined,
	sha256: Sha256,
): ChainCheck {
	let last = head;
	let place = 0;
	for (const line of lines) {
		place++;
		const read = readLink(line, sha256);
		if ('problem' in read) return { isWhole: false, line: place, problem: read.problem };
		if (last && read.number !== last.number + 1)
			return broken(place, `it is number ${read.number} where ${last.number + 1} is due`);
		if (last && read.previous !== last.hash)
			return broken(place, 'it does not follow on the line before it');
		last = { number: read.number, hash: read.hash };
	}
	return { isWhole: true, head: last ?? EMPTY_CHAIN };
}

const broken = (line: number, problem: string): ChainCheck => ({ isWhole: false, line, problem });

/** The end of the chain after this line. @throws {AuditLogBrokenError} when the line is not one of a chain. */
export function headAfter(line: string, sha256: Sha256): ChainHead {
	const read = readLink(line, sha256);
	if ('problem' in read) throw new AuditLogBrokenError(read.problem);
	return { number: read.number, hash: read.hash };
}

interface Link extends ChainHead {
	readonly previous: unknown;
}

function readLink(line: string, sha256: Sha256): Link | { readonly problem: string } {
	const hash = HASH_FIELD.exec(line)?.[1];
	if (!hash) return { problem: 'it has no hash' };
	const body = `${line.replace(HASH_FIELD, '')}}`;
	if (sha256(body) !== hash) return { problem: 'its text is not what was written' };
	const read = parsed(body);
	if (typeof read?.number !== 'number') return { problem: 'it has no number' };
	return { number: read.number, previous: read.previous, hash };
}

/** Whoever writes files can hash what is no line of a log. */
function parsed(
	body: string,
): { readonly number?: unknown; readonly previous?: unknown } | undefined {
	try {
		return JSON.parse(body) as object;
	} catch {
		return undefined;
	}
}

const timed = ({ at, ...event }: AuditEvent) => ({ at: isoTime(at), ...event });
