import { mayBeOfOne } from '../../../../core/health/worker-verdict';

const answer = { hostId: 'worker-a', pool: '', startedAt: 60_000, addresses: ['10.0.0.1'] };
const known = { ...answer, processId: 7 };

it.each([
	['it took its time to arrive', answer, { ...answer, startedAt: 62_000 }, true],
	['they began at other times', answer, { ...answer, startedAt: 62_001 }, false],
	['they come from other machines', answer, { ...answer, addresses: ['10.0.0.2'] }, false],
	['they take jobs of other pools', answer, { ...answer, pool: 'gpu' }, false],
	['they go by other names', answer, { ...answer, hostId: 'worker-b' }, false],
	['one process gave both', known, { ...known, startedAt: 90_000 }, true],
	['two processes gave them', known, { ...known, processId: 8 }, false],
	['one of them tells no process', known, answer, true],
])('tells by two answers whether they may be of one worker: %s', (_how, one, other, isIt) => {
	expect(mayBeOfOne(one, other)).toBe(isIt);
	expect(mayBeOfOne(other, one)).toBe(isIt);
});
