import fc from 'fast-check';

import { ModelledWorkers, type Names } from './modelled-workers';

export const LOOK_MS = 5_000;

const index = fc.nat(5);

/** What happens to healthy workers. */
export const healthyStep = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('look' as const),
			silent: fc.nat(40),
			unmatched: fc.nat(40),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			kind: fc.constant('jobs' as const),
			count: fc.integer({ min: 1, max: 12 }),
			durationMs: fc.constantFrom(500, 1_000, 4_000, 20_000, 120_000, 600_000),
		}),
	},
	fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
	fc.record({
		kind: fc.constant('block' as const),
		index,
		ms: fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 600_000 })),
	}),
	fc.record({ kind: fc.constant('db' as const), delayMs: fc.constantFrom(0, 0, 1_000, 30_000) }),
	fc.record({ kind: fc.constant('error' as const), index }),
	fc.record({ kind: fc.constant('stop' as const), index }),
	fc.record({
		kind: fc.constant('start' as const),
		slots: fc.integer({ min: 1, max: 4 }),
		startMs: fc.integer({ min: 0, max: 60_000 }),
	}),
);

export type HealthyStep = typeof healthyStep extends fc.Arbitrary<infer Step> ? Step : never;

export const setting = fc.record({
	slots: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
	apart: fc.constantFrom('all', 'none', 'some'),
	names: fc.constantFrom<Names>(
		'their own',
		'one, here',
		'one, elsewhere',
		'one, elsewhere, at once',
	),
});

export type Setting = typeof setting extends fc.Arbitrary<infer Made> ? Made : never;

export const modelOf = ({ slots, apart, names }: Setting): ModelledWorkers => {
	const model = new ModelledWorkers(
		(worker) => apart === 'all' || (apart === 'some' && worker % 2 === 0),
		names,
	);
	for (const count of slots) model.start(count);
	return model;
};

export function play(
	model: ModelledWorkers,
	step: HealthyStep,
	onLook: (...of: readonly [silent: Set<string>, unmatched: Set<string>]) => void,
) {
	const present = model.workers.filter(({ isRegistered }) => isRegistered);
	const chosen = 'index' in step ? present[step.index % present.length] : undefined;
	switch (step.kind) {
		case 'look': {
			model.run(LOOK_MS);
			const chosenBy = (nth: number) =>
				new Set(present.slice(nth, nth + 1).map(({ lockOwner }) => lockOwner));
			return onLook(chosenBy(step.silent), chosenBy(step.unmatched));
		}
		case 'jobs':
			return model.add(step.count, step.durationMs);
		case 'wait':
			return model.run(step.ms);
		case 'db':
			model.dbDelayMs = step.delayMs;
			return;
		case 'block':
			if (chosen) chosen.blockedUntil = model.now + step.ms;
			return;
		case 'error': {
			const slot = chosen?.slots.find(({ job }) => job);
			if (slot) Object.assign(slot, { job: undefined, waitsUntil: model.now + 5_000 });
			return;
		}
		case 'stop':
			if (!chosen || chosen.fault !== 'none' || present.length < 2) return;
			chosen.isStopping = true;
			if (chosen.taker)
				Object.assign(chosen.taker, {
					command: 'client|setname',
					sentAt: model.now,
					isAsking: false,
				});
			return;
		case 'start':
			if (present.length < 6) model.start(step.slots, step.startMs);
	}
}
