import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
	WorkerVerdicts,
	type WorkerState,
	type WorkerVerdict,
	type WorkersLook,
} from '../../../../core/health/worker-verdict';
import { valueOf } from '../../../../core/stack';
import {
	healthyStep,
	LOOK_MS,
	modelOf,
	play,
	setting,
	type HealthyStep,
	type Setting,
} from './healthy-histories';
import type { Fault, Names } from './modelled-workers';

/** Longest time from a fault until it is named. */
const NAMED_WITHIN_MS = 30_000;

/** Several of one host are told apart by when they began, which an answer tells a little later. */
function isOf(
	{ lastAnswer }: WorkerVerdict,
	{ startedAt }: { readonly startedAt: number },
): boolean {
	const late = (lastAnswer?.startedAt ?? Infinity) - startedAt;
	return late >= 0 && late < 10;
}

it('takes no healthy worker for a zombie, nor for one that vanished', () => {
	const seen = new Set<WorkerState>();
	const history = fc.array(healthyStep, { maxLength: 200, size: 'max' });
	const property = fc.property(setting, history, (chosen, steps) => {
		const model = modelOf(chosen);
		const verdicts = new WorkerVerdicts();
		for (const step of steps)
			play(model, step, (...of) => {
				for (const { state, id, evidence } of verdicts.observe(model.look(...of))) {
					seen.add(state);
					assert(
						state !== 'zombie' && state !== 'vanished',
						`${id} is ${state}: ${JSON.stringify(evidence)}`,
					);
				}
			});
	});
	fc.assert(property, { numRuns: 300 });
	expect([...seen].sort()).toEqual([
		'idle',
		'saturated',
		'starting',
		'stopping',
		'unknown',
		'unresponsive',
		'working',
	]);
});

it.each<[string, WorkersLook['instances']]>([
	['is empty', { isKnown: true, value: [] }],
	[
		'does not answer',
		{ isKnown: false, source: 'instance registry', why: 'it is down', remedy: '' },
	],
])('takes no healthy worker for a zombie where the registry %s', (_, instances) => {
	const look = (silent: number, unmatched: number): HealthyStep => ({
		kind: 'look',
		silent,
		unmatched,
	});
	/** One is not heard at first, and of answers it is not known whose they are. */
	const strangers: HealthyStep[] = [
		{ kind: 'block', index: 3, ms: 10_001 },
		{ kind: 'jobs', count: 5, durationMs: 20_000 },
		...[look(0, 1), look(0, 0), look(0, 3)],
		{ kind: 'db', delayMs: 30_000 },
		...[look(1, 1), look(0, 0), look(1, 1)],
	];
	const history = fc.array(healthyStep, { maxLength: 200, size: 'max' });
	const property = fc.property(setting, history, (chosen, steps) => {
		const model = modelOf({ ...chosen, names: 'one, here' });
		const verdicts = new WorkerVerdicts();
		for (const step of steps) {
			// Whether it has stopped or died only the registry tells.
			if (step.kind === 'stop') continue;
			play(model, step, (...of) => {
				for (const { state, id, evidence } of verdicts.observe({ ...model.look(...of), instances }))
					assert(state !== 'zombie', `${id} is ${state}: ${JSON.stringify(evidence)}`);
			});
		}
	});
	const example: [Setting, HealthyStep[]] = [
		{ slots: [1, 1, 1, 2], apart: 'all', names: 'one, here' },
		strangers,
	];
	fc.assert(property, { numRuns: 300, examples: [example] });
});

it.each<[Fault, WorkerState]>([
	['lost reply', 'zombie'],
	['half-open', 'zombie'],
	['killed', 'vanished'],
])('names a worker within 30 s whose fault is: %s', (fault, expected) => {
	const faulty = fc.record({
		made: setting
			// Nobody can tell apart those that started at once on another machine.
			.filter(({ names }) => names !== 'one, elsewhere, at once')
			.map((made) => ({ ...made, apart: 'all' as const })),
		victim: fc.nat(3),
		history: fc.array(healthyStep, { maxLength: 40 }),
	});
	fc.assert(
		fc.property(faulty, ({ made, victim, history }) => {
			const model = modelOf(made);
			const verdicts = new WorkerVerdicts();
			const look = () => {
				model.run(LOOK_MS);
				return verdicts.observe(model.look());
			};
			for (const step of history) {
				if (step.kind === 'stop') continue;
				play(model, step, (...of) => void verdicts.observe(model.look(...of)));
			}
			model.dbDelayMs = 0;
			const worker = model.workers[victim % made.slots.length]!;
			for (const one of model.workers) one.blockedUntil = 0;
			// A lost reply shows by a slot that is free: those that run go on.
			for (const slot of worker.slots) slot.job = undefined;
			for (let looks = 0; looks < 8; looks++) look();
			if (fault === 'lost reply') for (const slot of worker.slots) slot.job = undefined;
			model.fail(worker, fault);
			const deadline = model.now + NAMED_WITHIN_MS;
			const verdictOn = (seen: readonly WorkerVerdict[]) =>
				seen.find((verdict) => isOf(verdict, worker));
			let state: WorkerState | undefined;
			while (model.now < deadline && state !== expected) state = verdictOn(look())?.state;
			assert.equal(state, expected);
			for (const later = model.now + NAMED_WITHIN_MS; model.now < later;) {
				const seen = look();
				const named = verdictOn(seen);
				assert.equal(named?.state, expected, 'it stays so');
				assert.equal(named.isCutOff, fault !== 'lost reply');
				for (const other of seen)
					if (!isOf(other, worker))
						assert(other.state !== 'zombie' && other.state !== 'vanished', other.id);
			}
		}),
		{ numRuns: 300 },
	);
});

describe('while a worker stands still for minutes', () => {
	const frozen = fc.record({
		made: setting
			.filter(({ names }) => names !== 'one, elsewhere, at once')
			.map((made) => ({ ...made, apart: 'all' as const })),
		victim: fc.nat(3),
		before: fc.array(healthyStep, { maxLength: 40 }),
		meanwhile: fc.array(healthyStep, { maxLength: 60 }),
	});

	type Frozen = typeof frozen extends fc.Arbitrary<infer Made> ? Made : never;

	/** Plays what was before, and has one stand still. */
	function freeze({ made, victim, before }: Frozen) {
		const model = modelOf(made);
		const verdicts = new WorkerVerdicts();
		const look = () => {
			model.run(LOOK_MS);
			return verdicts.observe(model.look());
		};
		for (const step of before) {
			if (step.kind === 'stop') continue;
			play(model, step, (...of) => void verdicts.observe(model.look(...of)));
		}
		model.dbDelayMs = 0;
		for (const one of model.workers) one.blockedUntil = 0;
		for (let looks = 0; looks < 8; looks++) look();
		const worker = model.workers[victim % made.slots.length]!;
		worker.blockedUntil = Infinity;
		for (const end = model.now + NAMED_WITHIN_MS; model.now < end;) look();
		return { model, verdicts, look, worker };
	}

	it('goes on naming it for as long as it is connected, and nobody else', () => {
		fc.assert(
			fc.property(frozen, (chosen) => {
				const { model, verdicts, look, worker } = freeze(chosen);
				const check = (seen: readonly WorkerVerdict[]) => {
					const named = seen.find((verdict) => isOf(verdict, worker));
					assert.equal(named?.state, 'unresponsive', JSON.stringify(named?.evidence));
					for (const other of seen)
						assert(other.state !== 'zombie' && other.state !== 'vanished', other.id);
				};
				for (const step of chosen.meanwhile) {
					play(model, step, (...of) => check(verdicts.observe(model.look(...of))));
					worker.blockedUntil = Infinity;
				}
				for (const end = model.now + 120_000; model.now < end;) check(look());
				worker.blockedUntil = 0;
				if (worker.isStopping) return;
				look();
				const back = look().filter((verdict) => isOf(verdict, worker));
				assert.deepEqual(
					back.map(({ state }) => state === 'unresponsive'),
					[false],
				);
			}),
			{ numRuns: 300 },
		);
	});

	it.each<[Fault, WorkerState]>([
		['half-open', 'zombie'],
		['killed', 'vanished'],
	])('names another within 30 s whose fault is: %s', (fault, expected) => {
		const both = fc.record({ chosen: frozen, afterMs: fc.nat(120_000) });
		fc.assert(
			fc.property(both, ({ chosen, afterMs }) => {
				const { model, look, worker } = freeze(chosen);
				const other = model.workers.find((one) => one !== worker && !one.isStopping);
				if (!other) return;
				for (const end = model.now + afterMs; model.now < end;) look();
				model.fail(other, fault);
				const deadline = model.now + NAMED_WITHIN_MS;
				let state: WorkerState | undefined;
				while (model.now < deadline && state !== expected)
					state = look().find((verdict) => isOf(verdict, other))?.state;
				assert.equal(state, expected);
			}),
			{ numRuns: 300 },
		);
	});

	it('forgets it when it has stopped, and calls it neither a zombie nor vanished', () => {
		fc.assert(
			fc.property(frozen, (chosen) => {
				const { model, look, worker } = freeze(chosen);
				worker.isStopping = true;
				for (const { job } of worker.slots) if (job) Object.assign(job, { durationMs: 0 });
				for (const end = model.now + 60_000; model.now < end;) look();
				worker.blockedUntil = 0;
				const seen = [look(), look(), look(), look(), look()].flat();
				assert.deepEqual(
					seen.filter(({ state }) => state === 'zombie' || state === 'vanished'),
					[],
				);
				assert(!look().some((verdict) => isOf(verdict, worker)));
			}),
			{ numRuns: 300 },
		);
	});
});

it.each<[string, number | undefined, boolean]>([
	['is there still', undefined, true],
	['has the number of one that a server opened after it was started anew', 1_000, false],
])('holds one for connected whose connection %s', (_, ageMs, isHeld) => {
	const model = modelOf({ slots: [1, 1], apart: 'all', names: 'their own' });
	const verdicts = new WorkerVerdicts();
	verdicts.observe(model.look());
	model.run(LOOK_MS);
	verdicts.observe(model.look());
	model.workers[0]!.blockedUntil = Infinity;
	let seen: readonly WorkerVerdict[] = [];
	for (const end = model.now + 120_000; model.now < end;) {
		model.run(LOOK_MS);
		const look = model.look();
		const clients = valueOf(look.clients)!.map((one) => ({ ...one, ageMs: ageMs ?? one.ageMs }));
		seen = verdicts.observe({ ...look, clients: { isKnown: true, value: clients } });
	}
	expect(seen.some(({ state }) => state === 'unresponsive')).toBe(isHeld);
	expect(seen.some((verdict) => isOf(verdict, model.workers[0]!))).toBe(isHeld);
});

it.each<Names>(['their own', 'one, here'])(
	'tells one that is cut off from one that has died before, where names are %s',
	(names) => {
		const model = modelOf({ slots: [2, 2, 2], apart: 'all', names });
		const verdicts = new WorkerVerdicts();
		const shown = () => {
			let seen: readonly WorkerVerdict[] = [];
			for (const end = model.now + NAMED_WITHIN_MS; model.now < end;) {
				model.run(LOOK_MS);
				seen = verdicts.observe(model.look());
			}
			return model.workers.map((worker) => {
				const verdict = seen.find((one) => isOf(one, worker));
				return [verdict?.state, verdict?.process];
			});
		};
		shown();
		model.fail(model.workers[0]!, 'killed');
		expect(shown()).toEqual([
			['vanished', 'ended'],
			['idle', 'lives'],
			['idle', 'lives'],
		]);
		model.fail(model.workers[1]!, 'half-open');
		expect(shown()).toEqual([
			['vanished', 'ended'],
			['zombie', 'lives'],
			['idle', 'lives'],
		]);
	},
);

describe('where nobody can tell whose connections are whose', () => {
	const start = (slots: readonly number[]) => {
		const model = modelOf({ slots: [...slots], apart: 'none', names: 'one, elsewhere' });
		const verdicts = new WorkerVerdicts();
		const statesAfter = (ms: number, eachLook = () => {}) => {
			let states: Array<WorkerState | undefined> = [];
			for (const end = model.now + ms; model.now < end;) {
				eachLook();
				model.run(LOOK_MS);
				const seen = verdicts.observe(model.look());
				states = model.workers.map(
					(worker) => seen.find((verdict) => isOf(verdict, worker))?.state,
				);
			}
			return states;
		};
		// Everybody runs a job once, and after two minutes must have begun to ask for more.
		model.add(8, 2_000);
		statesAfter(180_000);
		return { model, statesAfter };
	};

	it.each<[Fault, WorkerState]>([
		['half-open', 'zombie'],
		['killed', 'vanished'],
	])('names one that is %s by its silence', (fault, expected) => {
		const { model, statesAfter } = start([2, 2, 2, 2]);
		model.fail(model.workers[2]!, fault);
		expect(statesAfter(NAMED_WITHIN_MS)).toEqual(['idle', 'idle', expected, 'idle']);
	});

	it('names one whose reply was lost as soon as all others are seen to take jobs', () => {
		const { model, statesAfter } = start([1, 1, 1]);
		model.fail(model.workers[1]!, 'lost reply');
		expect(statesAfter(NAMED_WITHIN_MS)).toEqual(['unknown', 'unknown', 'unknown']);
		expect(statesAfter(2 * NAMED_WITHIN_MS, () => model.add(4, 4_000))[1]).toBe('zombie');
	});
});
