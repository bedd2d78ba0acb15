import assert from 'node:assert/strict';

import fc from 'fast-check';

import {
	eventsBetween,
	IN_ORDER,
	type Look,
	type Sighting,
	type SubjectKind,
	type Trouble,
} from '../../../core/stack-events';

const CONDITIONS = {
	'circuit-breaker': ['closed', 'open', 'half-open', 'isolated'],
	bulkhead: ['free', 'saturated'],
	worker: ['healthy', 'zombie'],
	execution: ['accounted for', 'lost'],
	source: ['answering', 'lost'],
} as const satisfies Record<SubjectKind, readonly string[]>;

const kinds = Object.keys(CONDITIONS) as SubjectKind[];

const sightings = kinds.flatMap((kind) =>
	CONDITIONS[kind].flatMap((condition) =>
		['1', '2', '3'].map((id): Sighting => ({ kind, id, title: kind, condition, evidence: {} })),
	),
);

const step = fc.record({
	sightings: fc.array(fc.constantFrom(...sightings), { maxLength: 6 }),
	whole: fc.constantFrom<SubjectKind[]>([], ['worker'], ['execution', 'worker'], kinds),
	afterMs: fc.nat(1_000),
	restarts: fc.boolean(),
});

const placeOf = ({ kind, id }: Pick<Sighting, 'kind' | 'id'>) => `${kind} ${id}`;

it('tells each change once, whatever is looked at and however often it starts anew', () => {
	const histories = fc.array(step, { maxLength: 100, size: 'max' });
	const holds = fc.property(histories, (steps) => {
		/** What whoever hears the events believes. */
		const believed = new Map<string, string>();
		let troubles: readonly Trouble[] = [];
		let at = 0;
		for (const { sightings, whole, afterMs, restarts } of steps) {
			at += afterMs;
			if (restarts) troubles = JSON.parse(JSON.stringify(troubles)) as Trouble[];
			const look: Look = { at, sightings, whole };
			const told = eventsBetween(troubles, look);
			const seen = new Map(sightings.map((one) => [placeOf(one), one]));
			const subjects = told.events.map(({ subject }) => placeOf(subject));
			assert.equal(new Set(subjects).size, subjects.length);
			for (const { subject, before, after } of told.events) {
				assert.notEqual(before, after);
				assert.ok(seen.has(placeOf(subject)) || whole.includes(subject.kind));
				assert.equal(before, believed.get(placeOf(subject)) ?? IN_ORDER[subject.kind]);
				believed.set(placeOf(subject), after);
			}
			for (const [place, { kind, condition }] of seen)
				assert.equal(believed.get(place) ?? IN_ORDER[kind], condition);
			for (const [place, condition] of believed) {
				const kind = place.split(' ')[0] as SubjectKind;
				if (whole.includes(kind) && !seen.has(place)) assert.equal(condition, IN_ORDER[kind]);
			}
			assert.equal(eventsBetween(told.troubles, look).events.length, 0);
			({ troubles } = told);
			assert.ok(troubles.every(({ kind, condition }) => condition !== IN_ORDER[kind]));
			assert.ok(troubles.every(({ since }) => since <= at));
		}
	});
	fc.assert(holds, { numRuns: 400 });
});

it('says how long it was, and since when', () => {
	const open: Sighting = {
		kind: 'circuit-breaker',
		id: '["payments",""]',
		title: 'circuit breaker "payments"',
		condition: 'open',
		evidence: { failureRate: 80 },
	};
	const first = eventsBetween([], { at: 1_000, sightings: [open], whole: [] });
	expect(first.events).toEqual([
		{
			type: 'breaker-changed',
			at: 1_000,
			subject: { kind: open.kind, id: open.id, title: open.title },
			before: 'closed',
			after: 'open',
			evidence: { failureRate: 80 },
		},
	]);
	const later = { at: 61_000, sightings: [{ ...open, condition: 'closed' }], whole: [] };
	expect(eventsBetween(first.troubles, later)).toMatchObject({
		events: [{ before: 'open', after: 'closed', lastedMs: 60_000 }],
		troubles: [],
	});
});

it('tells trouble from what is in order again', () => {
	const types = (kind: SubjectKind, conditions: readonly string[]) => {
		let troubles: readonly Trouble[] = [];
		return conditions.map((condition, at) => {
			const sightings = [{ kind, id: '1', title: '1', condition, evidence: {} }];
			const told = eventsBetween(troubles, { at, sightings, whole: [] });
			({ troubles } = told);
			return told.events.map(({ type }) => type).join();
		});
	};
	expect(types('bulkhead', ['saturated', 'free'])).toEqual([
		'bulkhead-saturated',
		'bulkhead-relieved',
	]);
	expect(types('worker', ['zombie', 'healthy'])).toEqual(['worker-zombie', 'worker-recovered']);
	expect(types('source', ['lost', 'answering'])).toEqual(['source-lost', 'source-back']);
});
