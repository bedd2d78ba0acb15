import fc from 'fast-check';

import { sha256 } from '../../../adapters/system';
import {
	chainLine,
	checkChain,
	EMPTY_CHAIN,
	headAfter,
	type AuditEvent,
} from '../../../core/audit';

const event = fc.record<AuditEvent>({
	at: fc.nat(),
	who: fc.constant({ name: 'alice', role: 'operator', via: 'token' }),
	operation: fc.string(),
	input: fc.jsonValue(),
	outcome: fc.constantFrom('started', 'done', 'failed', 'refused'),
	detail: fc.string(),
});

const chain = fc.array(event, { minLength: 2, maxLength: 10 }).map(chained);

function chained(events: readonly AuditEvent[]): string[] {
	let head = EMPTY_CHAIN;
	return events.map((one) => {
		const next = chainLine(head, one, sha256);
		head = next.head;
		return next.line;
	});
}

const isWhole = (lines: readonly string[]): boolean =>
	checkChain(lines, EMPTY_CHAIN, sha256).isWhole;

it('is whole as it was written, and goes on from its last line', () => {
	fc.assert(
		fc.property(chain, event, (lines, later) => {
			const next = chainLine(headAfter(lines.at(-1)!, sha256), later, sha256);
			expect(checkChain([...lines, next.line], EMPTY_CHAIN, sha256)).toEqual({
				isWhole: true,
				head: next.head,
			});
		}),
	);
});

it('shows that a line was changed', () => {
	fc.assert(
		fc.property(chain, fc.nat(), fc.nat(), (lines, which, place) => {
			const line = which % lines.length;
			const text = lines[line]!;
			const at = place % text.length;
			const other = text[at] === 'x' ? 'y' : 'x';
			const changed = lines.with(line, text.slice(0, at) + other + text.slice(at + 1));
			expect(checkChain(changed, EMPTY_CHAIN, sha256)).toMatchObject({ isWhole: false });
		}),
	);
});

it('shows that a line was left out, twice there or moved', () => {
	fc.assert(
		fc.property(chain, fc.nat(), (lines, which) => {
			// What was cut off at the end shows only by the hash that somebody noted.
			const line = which % (lines.length - 1);
			expect(isWhole(lines.toSpliced(line, 1))).toBe(false);
			expect(isWhole(lines.toSpliced(line, 0, lines[line]!))).toBe(false);
			expect(isWhole(lines.with(line, lines[line + 1]!).with(line + 1, lines[line]!))).toBe(false);
		}),
	);
});

it('may begin with any line where older ones are gone', () => {
	fc.assert(
		fc.property(chain, (lines) => {
			expect(checkChain(lines.slice(1), undefined, sha256)).toMatchObject({ isWhole: true });
			expect(isWhole(lines.slice(1))).toBe(false);
		}),
	);
});

it('says which line is broken', () => {
	const lines = chained([1, 2, 3].map((at) => ({ at, operation: `${at}` }) as AuditEvent));
	expect(checkChain(lines.toSpliced(1, 1), EMPTY_CHAIN, sha256)).toEqual({
		isWhole: false,
		line: 2,
		problem: 'it is number 3 where 2 is due',
	});
});

it('says so of what is hashed and is no line', () => {
	const lines = ['{"number":1,}', '{"number":"1"}'].map(
		(body) => `${body.slice(0, -1)},"hash":"${sha256(body)}"}`,
	);
	for (const line of lines)
		expect(checkChain([line], EMPTY_CHAIN, sha256)).toEqual({
			...{ isWhole: false, line: 1, problem: 'it has no number' },
		});
});
