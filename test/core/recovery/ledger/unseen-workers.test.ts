import {
	unseenWorkers,
	type SignsOfWorkers,
} from '../../../../core/recovery/ledger/unseen-workers';
import type { ProcessMetrics, UnreachableProcess } from '../../../../core/ports/stack';

const taker = { name: 'bull:am9icw==' };
const check = (url: string, more: object = {}) =>
	({ url, type: 'worker', isReady: true, hasMetrics: false, ...more }) as
		ProcessMetrics | UnreachableProcess;

/** Of two workers that are registered one answers, which is connected. */
const verdictWith = (processes: SignsOfWorkers['processes'], more: Partial<SignsOfWorkers> = {}) =>
	unseenWorkers({
		answered: [{ pool: '' }],
		registered: [
			{ type: 'worker', pool: '' },
			{ type: 'worker', pool: '' },
		],
		clients: [taker],
		mayLive: 2,
		processes,
		...more,
	} as unknown as SignsOfWorkers).verdict;

it('takes a worker for dead only where nobody listens at its health check', () => {
	const well = check('one');
	const refused = check('two', { unreachable: 'ECONNREFUSED' });
	const late = check('two', { unreachable: 'no answer', mayLive: true });
	expect(verdictWith([well, refused])).toBe('none');
	expect(verdictWith([well, late])).toBe('unknown');
	expect(verdictWith([well, check('two')])).toBe('cut off');
	expect(verdictWith([well])).toBe('unknown');
	expect(verdictWith(undefined)).toBe('unknown');
	// A third one went without a word, and has no health check among these.
	expect(verdictWith([well, refused], { mayLive: 3 })).toBe('unknown');
	// Nobody uses the registry.
	expect(verdictWith([well, refused], { registered: [] })).toBe('unknown');
});
