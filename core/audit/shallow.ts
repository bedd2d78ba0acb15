/** Deepest level of an input that is noted: our tools take three. */
const DEEPEST = 32;

/** Stands where an input goes deeper. */
const DEEPER = '…';

/**
 * An input that may have any depth, as far as a log notes it: whoever writes it goes through it level by level, and would
 * fail at one that is nested deep enough, so that the call is not noted at all.
 */
export function shallow(input: unknown, levels = DEEPEST): unknown {
	if (typeof input !== 'object' || input === null) return input;
	if (levels === 0) return DEEPER;
	const below = (part: unknown) => shallow(part, levels - 1);
	if (Array.isArray(input)) return input.map(below);
	return Object.fromEntries(Object.entries(input).map(([name, part]) => [name, below(part)]));
}
