import { MemoryPolicyRegistry, MemoryPolicyStore } from '../../../adapters/memory';
import { StoreError } from '../../../core/errors';
import { definePolicy, guard } from '../../../core/policies/define';
import type { PolicyDefinition } from '../../../core/ports';
import { eventsBetween, PolicyWatch, type Trouble } from '../../../core/stack-events';
import { FakeClock } from '../../support/fake-clock';

let clock: FakeClock;
let store: MemoryPolicyStore;
let registry: MemoryPolicyRegistry;
let watch: PolicyWatch;
let troubles: readonly Trouble[];

beforeEach(() => {
	clock = new FakeClock();
	store = new MemoryPolicyStore(clock);
	registry = new MemoryPolicyRegistry(clock);
	watch = new PolicyWatch({ store, registry, keys: store }, clock);
	troubles = [];
});

function defined<Policy extends PolicyDefinition>(policy: Policy): Policy {
	registry.note(policy, { id: '1', title: 'a step' });
	return policy;
}

const breaker = (name: string) => defined(definePolicy('circuit-breaker', name));

/** What has changed since the last look. */
async function changes(): Promise<string[]> {
	const sights = await watch.look(troubles);
	const told = eventsBetween(troubles, { at: clock.now(), ...sights });
	({ troubles } = told);
	return told.events.map(({ subject, after }) => `${subject.title}: ${after}`).sort();
}

let permits = 0;
const admit = (policy: PolicyDefinition, key = '') =>
	store.admit({
		permitId: `permit ${permits++}`,
		guards: [guard(policy, key)],
		attempt: 1,
		leaseMs: 60_000,
	});

it('sees a breaker open and close, one that is new included', async () => {
	const payments = breaker('payments');
	expect(await changes()).toEqual([]);
	store.override(payments, '', 'open');
	const sights = await watch.look(troubles);
	expect(sights.sightings[0]!.evidence).toMatchObject({
		...{ state: 'open', since: new Date(clock.now()).toISOString() },
		retryAfterMs: 30_000,
	});
	expect(await changes()).toEqual(['circuit breaker "payments": open']);
	store.override(breaker('stock'), '', 'isolate');
	expect(await changes()).toEqual(['circuit breaker "stock": isolated']);
	store.override(payments, '', 'close');
	expect(await changes()).toEqual(['circuit breaker "payments": closed']);
	expect(await changes()).toEqual([]);
});

it('calls a policy without a shared name after the step that defines it', async () => {
	const policy = definePolicy('circuit-breaker', 'workflow/node');
	registry.note(policy, { id: 'workflow/node', title: '"Breaker" of workflow "Orders"' });
	store.override(policy, 'tenant', 'isolate');
	expect(await changes()).toEqual([
		'circuit breaker "Breaker" of workflow "Orders" for key "tenant": isolated',
	]);
});

it('sees breakers under keys in turns when they are many, and those out of order each time', async () => {
	const tenants = breaker('tenants');
	const keys = Array.from({ length: 2_500 }, (_, number) => `tenant ${number}`);
	for (const key of keys) store.override(tenants, key, 'isolate');
	const seen: string[] = [];
	while (seen.length < keys.length) {
		const told = await changes();
		expect(told.length).toBeGreaterThan(0);
		expect(told.length).toBeLessThanOrEqual(1_000);
		seen.push(...told);
	}
	expect(new Set(seen).size).toBe(keys.length);
	for (const key of keys) store.override(tenants, key, 'close');
	expect(await changes()).toHaveLength(keys.length);
});

it('sees each of many breakers in its turn, and those out of order each time', async () => {
	const names = Array.from({ length: 2_500 }, (_, number) => `service ${number}`);
	for (const name of names) breaker(name);
	const last = definePolicy('circuit-breaker', 'service 999');
	store.override(last, '', 'isolate');
	const told: string[] = [];
	for (let look = 0; look < 3; look++) told.push(...(await changes()));
	expect(told).toEqual(['circuit breaker "service 999": isolated']);
	store.override(last, '', 'close');
	expect(await changes()).toEqual(['circuit breaker "service 999": closed']);
});

it('takes a bulkhead for saturated when calls wait or are turned away, not when it is merely full', async () => {
	const settings = { maxConcurrentCalls: 1 };
	const patient = defined(definePolicy('bulkhead', 'patient', settings));
	const strict = defined(definePolicy('bulkhead', 'strict', { ...settings, maxQueueSize: 0 }));
	admit(patient);
	expect(await changes()).toEqual([]);
	admit(strict);
	expect(admit(patient)).toMatchObject({ status: 'queued' });
	expect(await changes()).toEqual([
		'bulkhead "patient": saturated',
		'bulkhead "strict": saturated',
	]);
	clock.advance(61_000);
	expect(await changes()).toEqual(['bulkhead "patient": free', 'bulkhead "strict": free']);
});

it('takes what nobody defines any more for in order', async () => {
	store.override(breaker('payments'), '', 'isolate');
	expect(await changes()).toEqual(['circuit breaker "payments": isolated']);
	const later = new PolicyWatch(
		{ store, registry: new MemoryPolicyRegistry(clock), keys: store },
		clock,
	);
	const {
		sightings: [sighting],
	} = await later.look(troubles);
	expect(sighting).toMatchObject({ condition: 'closed', evidence: { isDefined: false } });
});

it('takes what cannot be read for what it was, and sees the others', async () => {
	store.override(breaker('payments'), '', 'isolate');
	expect(await changes()).toEqual(['circuit breaker "payments": isolated']);
	const inspect = store.inspect.bind(store);
	store.inspect = (address) => {
		if (address.name === 'payments')
			throw new StoreError('STORE_STATE_INVALID', 'Something else is there', 'Reset it');
		return inspect(address);
	};
	store.override(breaker('stock'), '', 'isolate');
	expect(await changes()).toEqual(['circuit breaker "stock": isolated']);
	expect(await changes()).toEqual([]);
});
