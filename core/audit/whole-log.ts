import type { Sha256 } from '../ports';
import { checkChain, EMPTY_CHAIN, type BrokenLink, type ChainHead } from './audit-chain';
import type { AuditEvent } from './audit-event';

const FORGET_LINES = 'forget_audit_lines';

/** Says in a log, before its oldest lines are deleted, up to where they are. */
export const forgottenLines = (at: number, upTo: ChainHead): AuditEvent => ({
	at,
	who: { name: 'retention', role: 'viewer', via: 'watch' },
	operation: FORGET_LINES,
	input: { ...upTo },
	outcome: 'done',
	detail: `The lines up to number ${upTo.number} are deleted: their time is over`,
});

/** Checks a log, portion by portion: that it is one chain, and begins where it must. */
export class LogCheck {
	private begin: ChainHead | undefined;
	private head: ChainHead | undefined;
	private readonly forgotten: ChainHead[] = [];

	constructor(private readonly sha256: Sha256) {}

	/** @returns what is wrong with the lines that come next; its place is that among these. */
	add(lines: readonly string[]): BrokenLink | undefined {
		const check = checkChain(lines, this.head, this.sha256);
		if (!check.isWhole) return { line: check.line, problem: check.problem };
		if (lines.length === 0) return undefined;
		this.begin ??= beforeLine(lines[0]!);
		this.head = check.head;
		for (const line of lines) if (line.includes(FORGET_LINES)) this.noteForgotten(line);
		return undefined;
	}

	/**
	 * After the last file.
	 * @returns the end of the chain, undefined where nothing was ever written; or what is wrong with its beginning.
	 */
	end(): { readonly head: ChainHead | undefined } | { readonly problem: string } {
		const begin = this.begin ?? EMPTY_CHAIN;
		const mayBeginSo =
			begin.number === 0 ? begin.hash === EMPTY_CHAIN.hash : this.forgotten.some(mayLeave(begin));
		if (mayBeginSo) return { head: this.head };
		return {
			problem: `it begins with number ${begin.number + 1}, and no line says that those before it were deleted when their time was over`,
		};
	}

	private noteForgotten(line: string): void {
		const { operation, input } = JSON.parse(line) as AuditEvent;
		if (operation === FORGET_LINES) this.forgotten.push({ ...(input as ChainHead) });
	}
}

/** Whether lines after `begin` may be left: the process may have ended before all were deleted that it said were. */
const mayLeave =
	(begin: ChainHead) =>
	({ number, hash }: ChainHead): boolean =>
		begin.number < number || (begin.number === number && begin.hash === hash);

/** What this line says that it follows on. */
function beforeLine(line: string): ChainHead {
	const { number, previous } = JSON.parse(line) as { number: number; previous: string };
	return { number: number - 1, hash: previous };
}
