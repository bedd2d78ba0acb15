import { Workflow } from 'n8n-workflow';

import { isInside } from '../../../nodes/shared/turns/nesting';
import { DUE_LAST, isNext, type StepTurn } from '../../../nodes/shared/turns/turn-order';

const wires = (...targets: string[][]) => ({
	main: targets.map((list) => list.map((node) => ({ node, type: 'main' as const, index: 0 }))),
});

/** Start -> Outer ( Inner ( Call ) ) -> Next ( Call2 ) */
const workflow = new Workflow({
	nodes: ['Start', 'Outer', 'Inner', 'Call', 'Next', 'Call2'].map((name) => ({
		id: name,
		name,
		type: 'any',
		typeVersion: 1,
		position: [0, 0],
		parameters: {},
	})),
	connections: {
		Start: wires(['Outer']),
		Outer: wires(['Inner'], ['Next']),
		Inner: wires(['Call'], ['Outer'], ['Outer']),
		Call: wires(['Inner']),
		Next: wires(['Call2']),
		Call2: wires(['Next']),
	},
	active: false,
	nodeTypes: {
		getByName: () => undefined as never,
		getByNameAndVersion: () => undefined as never,
		getKnownTypes: () => ({}),
	},
});

const final = (step: string): StepTurn => ({ step, turn: { order: 1 } });
const held = (step: string, dueAt: number, order = 1): StepTurn => ({
	step,
	turn: { order, hasHeld: true, dueAt },
});

/** Who goes first; exactly one must, or they would wait for each other for ever. */
function first(...turns: StepTurn[]): StepTurn {
	const next = turns.filter((mine) =>
		isNext(
			workflow,
			mine,
			turns.filter((other) => other !== mine),
		),
	);
	expect(next.length).toBeGreaterThanOrEqual(1);
	return next[0]!;
}

it('knows what stands inside what', () => {
	expect(isInside(workflow, 'Inner', 'Outer')).toBe(true);
	expect(isInside(workflow, 'Outer', 'Inner')).toBe(false);
	expect(isInside(workflow, 'Next', 'Outer')).toBe(false);
	expect(isInside(workflow, 'Outer', 'Outer')).toBe(false);
});

it('takes the turn that is due first, the innermost and the youngest of those due together', () => {
	expect(first(held('Outer', 5), held('Inner', 9)).step).toBe('Outer');
	expect(first(held('Outer', 9), held('Inner', 5)).step).toBe('Inner');
	expect(first(held('Outer', 5, 2), held('Inner', 5)).step).toBe('Inner');
	expect(first(held('Outer', DUE_LAST, 3), held('Inner', DUE_LAST)).step).toBe('Inner');
	expect(first(held('Next', 5, 2), held('Next', 5, 1)).turn.order).toBe(2);
});

it('does not let a step conclude that items were dropped while they may be further in', () => {
	expect(first(final('Outer'), held('Inner', 1_000)).step).toBe('Inner');
	expect(first(final('Outer'), final('Inner')).step).toBe('Inner');
	expect(first(held('Outer', 5), final('Inner')).step).toBe('Inner');
});

it('always has a turn to take', () => {
	const all = ['Outer', 'Inner', 'Next'].flatMap((step) => [
		final(step),
		held(step, 0),
		held(step, 7),
		held(step, DUE_LAST),
	]);
	for (const one of all)
		for (const two of all)
			for (const three of all) {
				const turns = [one, two, three].map(({ step, turn }, order) => ({
					step,
					turn: { ...turn, order },
				}));
				expect(first(...turns)).toBeDefined();
			}
});
