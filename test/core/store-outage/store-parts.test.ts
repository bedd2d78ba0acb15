import { MemoryPolicyStore } from '../../../adapters/memory';
import { definePolicy, guard } from '../../../core/policies/define';
import type { Admission, Permit, RemotePolicyStore } from '../../../core/ports';
import { OutageTolerantStore, StoreParts, type StoreEvent } from '../../../core/store-outage';
import { FakeClock } from '../../support/fake-clock';

const SUCCESS = { kind: 'success', latencyMs: 1 } as const;

/** A store of which each policy is a part. */
function setUp() {
	const clock = new FakeClock();
	const inside = new MemoryPolicyStore(clock);
	const broken = new Set<string>();
	const mustWork = (names: readonly string[]): void => {
		if (names.some((name) => broken.has(name))) throw new Error('ECONNREFUSED');
	};
	const namesOf = ({ guards }: Pick<Permit, 'guards'>) => guards.map(({ policy }) => policy.name);
	const shared = {
		async admit(request) {
			mustWork(namesOf(request));
			return inside.admit(request);
		},
		async settle(permit, outcome) {
			mustWork(namesOf(permit));
			return inside.settle(permit, outcome);
		},
		async cancel(request) {
			mustWork(namesOf(request));
		},
	} as Partial<RemotePolicyStore> as RemotePolicyStore;
	const events: StoreEvent[] = [];
	const parts = new StoreParts(
		clock,
		async (part) => mustWork([part]),
		(event) => void events.push(event),
	);
	const health = parts.by((name: string) => name);
	const store = new OutageTolerantStore(shared, inside, health, clock, 'reject');
	let id = 0;
	const admit = async (...names: string[]) =>
		await store.admit({
			permitId: `me:${id++}`,
			guards: names.map((name) => guard(definePolicy('bulkhead', name, { maxConcurrentCalls: 9 }))),
			attempt: 1,
			leaseMs: 60_000,
		});
	const holders = (name: string) =>
		inside.inspect({ kind: 'bulkhead', name, key: '' })?.figures.holders ?? 0;
	return { clock, broken, parts, store, events, admit, holders };
}

const isDown = (admission: Admission): boolean =>
	admission.status === 'rejected' && admission.isStoreDown === true;

const permitOf = (admission: Admission): Permit => {
	if (admission.status !== 'granted') throw new Error(`It was ${admission.status}`);
	return admission.permit;
};

it('goes by the parts that are up while another is lost', async () => {
	const { clock, broken, events, admit } = setUp();
	broken.add('b');
	expect(isDown(await admit('b'))).toBe(true);
	expect(isDown(await admit('a'))).toBe(false);
	expect(isDown(await admit('a', 'b'))).toBe(true);
	await clock.run(10_000);
	expect(isDown(await admit('b'))).toBe(true);
	broken.clear();
	await clock.run(1_000);
	expect(isDown(await admit('a', 'b'))).toBe(false);
	expect(events.map(({ type }) => type)).toEqual(['store-lost', 'store-back']);
});

it('finds out at once which part failed a call under several', async () => {
	const { clock, broken, parts, events, admit } = setUp();
	broken.add('b');
	expect(isDown(await admit('a', 'b'))).toBe(true);
	await clock.run(0);
	expect([parts.healthOf('a').condition, parts.healthOf('b').condition]).toEqual(['up', 'lost']);
	expect(events).toMatchObject([{ type: 'store-lost', reason: 'ECONNREFUSED' }]);
});

it('tells each part how calls ended when that part is back', async () => {
	const { clock, broken, store, admit, holders } = setUp();
	const permits = [permitOf(await admit('a')), permitOf(await admit('b'))];
	broken.add('a').add('b');
	for (const permit of permits) expect(await store.settle(permit, SUCCESS)).toBe('lost');
	broken.delete('a');
	await clock.run(5_000);
	expect([holders('a'), holders('b')]).toEqual([0, 1]);
	broken.delete('b');
	await clock.run(1_000);
	expect(holders('b')).toBe(0);
});

it('probes no more once it is stopped', async () => {
	const { clock, broken, parts, admit } = setUp();
	broken.add('b');
	await admit('b');
	await clock.run(0);
	expect(clock.pendingTimers).toBe(1);
	parts.stop();
	await clock.run(10_000);
	expect(clock.pendingTimers).toBe(0);
});
