import {
	ConfigurationCheck,
	N8nSettings,
	StackHealth,
	StackMonitor,
	thresholdsSchema,
} from '../../../core/health';
import { definePolicy, guard } from '../../../core/policies/define';
import { troubledPolicies } from '../../../core/policy-states';
import type { PolicyDefinition } from '../../../core/ports';
import { knownOf } from '../../../core/stack';
import { FakeClock } from '../../support/fake-clock';
import { fillRedis } from '../../support/fill-redis';
import { until } from '../../support/until';
import { useOpenStore } from '../../support/use-open-store';

const opened = useOpenStore();

const LATELY = 'bulwark:turned-away';

const OTHER_KEYS = 60_000;

const BREAKERS = 30;

beforeAll(async () => {
	await fillRedis(opened.connection.client, OTHER_KEYS);
	for (let number = 0; number < BREAKERS; number++) await defined(breaker(number));
});

const breaker = (number: number) =>
	definePolicy('circuit-breaker', `svc-${number}`, {
		consecutiveFailureThreshold: 1,
	});

async function defined(policy: PolicyDefinition): Promise<void> {
	await opened.registry.note(policy, { id: '1', title: 'a step' });
}

/** As a server that was started now sees it. */
function freshHealth() {
	const clock = new FakeClock();
	const { store, registry, policyKeys: keys } = opened;
	const health = new StackHealth(
		{
			monitor: new StackMonitor({}, clock),
			policies: { store, registry, keys },
			configuration: new ConfigurationCheck({}, new N8nSettings('n8n', () => undefined), clock),
		},
		thresholdsSchema.parse({}),
		clock,
	);
	const troubles = async () =>
		troubledPolicies(knownOf(await health.policyStates()).states).map(
			({ name, troubles: [first] }) => [name, first!.key, first!.trouble],
		);
	return { clock, health, troubles };
}

const call = async (policy: PolicyDefinition, key: string) =>
	await opened.store.admit({ ...opened.request([]), guards: [guard(policy, key)] });

async function fail(policy: PolicyDefinition, key: string): Promise<void> {
	const admission = await call(policy, key);
	if (admission.status !== 'granted') throw new Error(admission.status);
	await opened.store.settle(admission.permit, { kind: 'failure', latencyMs: 1 });
}

const areNoted = (count: number) =>
	until(async () => (await opened.connection.client.zcard(LATELY)) === count);

it('finds at the first look what turns calls away under a key, however many keys Redis holds', async () => {
	await opened.store.override(breaker(3), 'tenant 3', 'isolate');
	// Nobody calls it once it has opened.
	await fail(breaker(5), 'tenant 5');
	const limiter = definePolicy('rate-limiter', 'mail', { limit: 1, periodMs: 3_600_000 });
	await defined(limiter);
	for (let times = 0; times < 2; times++) await call(limiter, 'tenant 7');
	await areNoted(3);
	const { troubles, health } = freshHealth();
	expect(await troubles()).toEqual([
		['svc-3', 'tenant 3', 'isolated'],
		['svc-5', 'tenant 5', 'open'],
		['mail', 'tenant 7', 'exhausted'],
	]);
	expect((await health.check()).health.unknowns).toContainEqual(
		expect.objectContaining({ source: 'policies', why: expect.stringContaining('more keys') }),
	);
	await opened.store.override(breaker(3), 'tenant 3', 'reset');
	await opened.store.override(breaker(5), 'tenant 5', 'reset');
});

it('finds what nobody has noted within a round through the keys, though nobody asks', async () => {
	await opened.store.override(breaker(29), 'tenant 29', 'isolate');
	await areNoted(4);
	await opened.connection.client.del(LATELY);
	const { clock, health, troubles } = freshHealth();
	for (let looks = 0; looks < 8; looks++) {
		clock.advance(5_000);
		await health.lookOut();
	}
	expect(await troubles()).toContainEqual(['svc-29', 'tenant 29', 'isolated']);
	const { unknowns } = (await health.check()).health;
	expect(unknowns.filter(({ source }) => source === 'policies')).toEqual([]);
});

it('finds it at once for who wants all', async () => {
	const { health } = freshHealth();
	const { states, areKeysFound } = knownOf(await health.allPolicyStates());
	expect(areKeysFound).toBe(true);
	expect(states.map(({ policy, key }) => `${policy.name} ${key}`)).toContain('svc-29 tenant 29');
});

it('finds breakers that workers vote on under a key', async () => {
	const voted = definePolicy('circuit-breaker', 'voted', { scope: 'quorum' });
	await defined(voted);
	const votes = definePolicy('breaker-quorum', 'voted', {
		voter: 'me',
		quorum: 2,
		waitDurationInOpenStateMs: 60_000,
	});
	await opened.store.override(votes, 'tenant', 'isolate');
	expect(await freshHealth().troubles()).toContainEqual(['voted', 'tenant', 'isolated']);
});

it('notes nothing of calls that are let pass', async () => {
	await opened.connection.client.del(LATELY);
	const admission = await call(breaker(8), 'tenant');
	if (admission.status !== 'granted') throw new Error(admission.status);
	await opened.store.settle(admission.permit, { kind: 'success', latencyMs: 1 });
	// What is sent to a server comes there in this order.
	await opened.ping();
	expect(await opened.connection.client.exists(LATELY)).toBe(0);
});

it('tells of all other policies where the state of one cannot be read', async () => {
	const { client } = opened.connection;
	await opened.store.override(breaker(7), '', 'isolate');
	await client.set('bulwark:{p:svc-7}:circuit-breaker::state', 'something else');
	await opened.store.override(breaker(3), '', 'isolate');
	const { health, troubles } = freshHealth();
	expect(await troubles()).toContainEqual(['svc-3', '', 'isolated']);
	expect((await health.check()).health.unknowns).toContainEqual(
		expect.objectContaining({
			source: 'policies',
			remedy: expect.stringContaining('Reset'),
			notKnown: ['whether the circuit breaker "svc-7" turns calls away'],
		}),
	);
	await client.del('bulwark:{p:svc-7}:circuit-breaker::state');
	await opened.store.override(breaker(3), '', 'reset');
});
