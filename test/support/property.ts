import fc from 'fast-check';

/** What a property test must at least have gone through in a run. */
const FEWEST_STEPS = 100_000;

/**
 * Checks that a history of steps never breaks what `play` asserts, over histories made of `step` under settings made
 * of `setting`, at least 100,000 steps in all. A failing history is shrunk to a few steps.
 * Asserts within `play` are best those of `node:assert`: jest's take a hundred times longer.
 */
export function holdsForHistories<Setting, Step>(
	setting: fc.Arbitrary<Setting>,
	step: fc.Arbitrary<Step>,
	play: (setting: Setting, steps: readonly Step[]) => void,
): void {
	let steps = 0;
	const history = fc.array(step, { maxLength: 500, size: 'max' });
	const property = fc.property(setting, history, (chosen, played) => {
		steps += played.length;
		play(chosen, played);
	});
	fc.assert(property, { numRuns: 520 });
	expect(steps).toBeGreaterThanOrEqual(FEWEST_STEPS);
}
