import { sayEvent, type StackEvent } from '../../../core/stack-events';

const zombie: StackEvent = {
	...{ type: 'worker-recovered', at: 0, before: 'zombie', after: 'healthy' },
	subject: { kind: 'worker', id: 'w', title: 'worker "w"' },
	evidence: { state: 'idle', process: 'lives' },
};

it.each([
	['takes jobs again', zombie.evidence, 'is healthy'],
	['has ended', { state: 'vanished', process: 'ended' }, 'has ended'],
	['is in no list any more', { isSeen: false }, 'is not seen any more'],
])('says of a zombie that %s just that', (_case, evidence, said) => {
	expect(sayEvent({ ...zombie, evidence })).toBe(`Worker "w" was zombie and ${said}`);
});
