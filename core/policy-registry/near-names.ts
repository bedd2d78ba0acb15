/** Names that are shown at most. */
const MOST_SHOWN = 5;

/** Letters that may differ, for each so many that a name has. */
const LETTERS_PER_SLIP = 4;

/** Those of the names that someone may have meant, the nearest first. */
export function nearNames(meant: string, names: readonly string[]): string[] {
	const wanted = meant.toLowerCase();
	return names
		.map((name) => ({ name, slips: slipsTo(wanted, name.toLowerCase()) }))
		.filter(({ slips }) => slips <= Math.ceil(wanted.length / LETTERS_PER_SLIP))
		.sort((one, other) => one.slips - other.slips)
		.slice(0, MOST_SHOWN)
		.map(({ name }) => name);
}

/** How many letters to add, drop or change (Levenshtein); one where a name only goes on. */
function slipsTo(wanted: string, name: string): number {
	const isPart = Math.min(wanted.length, name.length) > 2;
	if (isPart && (name.includes(wanted) || wanted.includes(name))) return name === wanted ? 0 : 1;
	let row = Array.from({ length: name.length + 1 }, (_, length) => length);
	for (let at = 1; at <= wanted.length; at++) {
		const next = [at];
		for (let to = 1; to <= name.length; to++) {
			const changed = row[to - 1]! + (wanted[at - 1] === name[to - 1] ? 0 : 1);
			next.push(Math.min(changed, row[to]! + 1, next[to - 1]! + 1));
		}
		row = next;
	}
	return row[name.length]!;
}
