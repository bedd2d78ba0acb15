import type { CallRecord, Violation } from './record';

/** A breaker's admitted calls by generation, oldest first. */
function generations(calls: readonly CallRecord[]): Array<[number, CallRecord[]]> {
	const known = new Map<number, CallRecord[]>();
	for (const call of calls) {
		if (call.token === undefined) continue;
		const others = known.get(call.token);
		if (others) others.push(call);
		else known.set(call.token, [call]);
	}
	return [...known].sort(([first], [second]) => first - second);
}

/** Generations of which half-open breakers let more probes through than permitted. */
export const tooManyProbes = (calls: readonly CallRecord[], permitted: number): Violation[] =>
	generations(calls).flatMap(([generation, admitted]) => {
		const probes = admitted.filter(({ isProbe }) => isProbe).length;
		return probes > permitted
			? [`${probes} of ${permitted} probes in generation ${generation}`]
			: [];
	});

/** Probes that came before the breaker had been open for as long as it must be. */
export function probedTooEarly(calls: readonly CallRecord[], openForMs: number): Violation[] {
	const violations: Violation[] = [];
	let lastBefore = -Infinity;
	for (const [generation, admitted] of generations(calls)) {
		const times = admitted.map(({ admittedAt }) => admittedAt!);
		const first = Math.min(...times);
		if (admitted[0]!.isProbe && first < lastBefore + openForMs)
			violations.push(`generation ${generation} probed after ${first - lastBefore} ms`);
		lastBefore = Math.max(lastBefore, ...times);
	}
	return violations;
}

/** Outcomes that counted although a later generation had certainly begun. */
export function countedTooLate(calls: readonly CallRecord[]): Violation[] {
	const all = generations(calls);
	const begun = all.map(([, admitted]) =>
		Math.min(...admitted.map(({ answeredAt }) => answeredAt)),
	);
	for (let index = begun.length - 2; index >= 0; index--)
		begun[index] = Math.min(begun[index]!, begun[index + 1]!);
	return all.flatMap(([generation, admitted], index) => {
		const nextBegan = begun[index + 1] ?? Infinity;
		return admitted
			.filter(({ settlement }) => settlement?.holding === 'held' && settlement.askedAt > nextBegan)
			.map(({ settlement }) => `generation ${generation} counted at ${settlement!.askedAt}`);
	});
}
