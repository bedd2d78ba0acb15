import {
	countedTooLate,
	overLimit,
	overRate,
	probedTooEarly,
	rejectedThoughFree,
	tooManyHolders,
	tooManyProbes,
	wrongHoldings,
	type CallRecord,
} from '../../support/call-history';

const LEASE_MS = 100;

/** A call that was asked for and answered, and settled if there are two more moments. */
function held(askedAt: number, answeredAt: number, from?: number, to?: number): CallRecord {
	const call: CallRecord = { policy: 'slots', status: 'granted', askedAt, answeredAt };
	if (from === undefined || to === undefined) return call;
	return { ...call, settlement: { askedAt: from, answeredAt: to, holding: 'held' } };
}

const rejected = (askedAt: number, answeredAt: number): CallRecord => ({
	policy: 'slots',
	status: 'rejected',
	askedAt,
	answeredAt,
});

const admitted = (...times: number[]): CallRecord[] =>
	times.map((at) => ({ ...held(at, at + 1), admittedAt: at }));

const probe = (token: number, at: number, settledAt: number): CallRecord => ({
	...held(at, at + 1, settledAt, settledAt + 1),
	admittedAt: at,
	token,
	isProbe: true,
});

const call = (token: number, at: number, settledAt: number): CallRecord => ({
	...probe(token, at, settledAt),
	isProbe: false,
});

describe('holders', () => {
	it('finds one too many', () => {
		const history = [held(0, 1, 10, 11), held(2, 3, 12, 13), held(4, 5, 14, 15)];
		expect(tooManyHolders(history, 3, LEASE_MS)).toEqual([]);
		expect(tooManyHolders(history, 2, LEASE_MS)).toHaveLength(1);
	});

	it('gives the benefit of the doubt while a request is under way', () => {
		// The second may have been admitted when the first was settled.
		expect(tooManyHolders([held(0, 1, 10, 20), held(9, 11, 30, 31)], 1, LEASE_MS)).toEqual([]);
		expect(tooManyHolders([held(0, 1, 10, 20), held(8, 9, 30, 31)], 1, LEASE_MS)).toHaveLength(1);
	});

	it('counts an abandoned call until its lease may be over, and renewals from when they were asked', () => {
		const next = held(50, 51, 60, 61);
		expect(tooManyHolders([held(0, 1), next], 1, LEASE_MS)).toHaveLength(1);
		expect(tooManyHolders([held(0, 1), held(101, 102, 103, 104)], 1, LEASE_MS)).toEqual([]);
		const renewed = {
			...held(0, 1),
			renewals: [{ askedAt: 40, answeredAt: 41, holding: 'held' as const }],
		};
		expect(tooManyHolders([renewed, held(101, 102, 103, 104)], 1, LEASE_MS)).toHaveLength(1);
	});

	it('finds a call that was turned away from a free slot', () => {
		expect(rejectedThoughFree([held(0, 1, 10, 11), rejected(5, 6)], 1, LEASE_MS)).toEqual([]);
		// The slot was not free yet when it was asked for.
		expect(rejectedThoughFree([held(0, 1, 10, 20), rejected(19, 30)], 1, LEASE_MS)).toEqual([]);
		expect(rejectedThoughFree([held(0, 1, 10, 20), rejected(21, 30)], 1, LEASE_MS)).toHaveLength(1);
		expect(rejectedThoughFree([held(0, 1), rejected(150, 151)], 1, LEASE_MS)).toHaveLength(1);
		expect(rejectedThoughFree([rejected(0, 1), held(2, 3)], 1, LEASE_MS)).toHaveLength(1);
	});

	it('finds a wrong word about the lease', () => {
		const after = held(0, 1, 150, 151);
		expect(wrongHoldings([after], LEASE_MS)).toHaveLength(1);
		const within = held(0, 1, 50, 51);
		expect(wrongHoldings([within], LEASE_MS)).toEqual([]);
		const lost = { ...within, settlement: { ...within.settlement!, holding: 'lost' as const } };
		expect(wrongHoldings([lost], LEASE_MS)).toHaveLength(1);
	});
});

describe('admissions', () => {
	it('finds a period with one too many, wherever it starts', () => {
		expect(overLimit(admitted(0, 60, 100, 160), 2, 100)).toEqual([]);
		expect(overLimit(admitted(0, 60, 99, 160), 2, 100)).toHaveLength(1);
		expect(overLimit(admitted(160, 0, 99, 60), 2, 100)).toHaveLength(1);
	});

	it('finds an admission that the bucket had nothing left for', () => {
		const rate = { limit: 10, periodMs: 1_000, burst: 2 };
		expect(overRate(admitted(0, 0, 100, 200), rate)).toEqual([]);
		expect(overRate(admitted(0, 0, 99), rate)).toHaveLength(1);
		expect(overRate(admitted(0, 0, 0), rate)).toHaveLength(1);
	});
});

describe('generations', () => {
	it('finds a probe too many', () => {
		const history = [call(1, 0, 5), probe(3, 100, 101), probe(3, 100, 102), probe(5, 200, 201)];
		expect(tooManyProbes(history, 2)).toEqual([]);
		expect(tooManyProbes(history, 1)).toHaveLength(1);
	});

	it('finds a probe that came too early', () => {
		expect(probedTooEarly([call(1, 0, 5), probe(3, 60, 61)], 60)).toEqual([]);
		expect(probedTooEarly([call(1, 0, 5), call(1, 1, 6), probe(3, 60, 61)], 60)).toHaveLength(1);
	});

	it('finds an outcome that counted in a later generation', () => {
		const late = call(1, 0, 70);
		expect(countedTooLate([call(1, 0, 5), probe(3, 60, 61)])).toEqual([]);
		expect(countedTooLate([late, probe(3, 60, 61)])).toHaveLength(1);
		// Its settlement may have been there before the probe was.
		expect(countedTooLate([call(1, 0, 60), probe(3, 60, 61)])).toEqual([]);
		const lost = { ...late, settlement: { ...late.settlement!, holding: 'lost' as const } };
		expect(countedTooLate([lost, probe(3, 60, 61)])).toEqual([]);
	});
});
