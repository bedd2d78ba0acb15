import { MemoryPolicyRegistry, MemoryPolicyStore } from '../../../adapters/memory';
import {
	ConfigurationCheck,
	N8nSettings,
	StackHealth,
	StackMonitor,
	thresholdsSchema,
	type Finding,
} from '../../../core/health';
import { definePolicy, guard } from '../../../core/policies/define';
import type { PolicyDefinition } from '../../../core/ports';
import { knownOf } from '../../../core/stack';
import { FakeClock } from '../../support/fake-clock';

let clock: FakeClock;
let store: MemoryPolicyStore;
let registry: MemoryPolicyRegistry;

beforeEach(() => {
	clock = new FakeClock();
	store = new MemoryPolicyStore(clock);
	registry = new MemoryPolicyRegistry(clock);
});

/** Of an n8n in regular mode of which nothing is known but its policies and its settings. */
function healthWith(settings: Readonly<Record<string, string>> = {}): StackHealth {
	const policies = { store, registry, keys: store };
	const monitor = new StackMonitor({}, clock);
	const n8nSettings = new N8nSettings('n8n', (name) => settings[name]);
	const configuration = new ConfigurationCheck({}, n8nSettings, clock);
	return new StackHealth({ monitor, policies, configuration }, thresholdsSchema.parse({}), clock);
}

function defined<Policy extends PolicyDefinition>(policy: Policy): Policy {
	registry.note(policy, { id: '1', title: 'a step' });
	return policy;
}

let permits = 0;
const call = (policy: PolicyDefinition, key = '', attempt = 1) =>
	store.admit({
		permitId: `permit ${permits++}`,
		guards: [guard(policy, key)],
		attempt,
		leaseMs: 60_000,
	});

/** What is found of policies now. */
async function found(health: StackHealth): Promise<Array<Pick<Finding, 'id' | 'severity'>>> {
	clock.advance(5_000);
	const { findings } = (await health.check()).health;
	return findings
		.filter(({ component }) => component === 'policies')
		.map(({ id, severity }) => ({ id, severity }));
}

it('names limits that are used up, under keys too, until they are free again', async () => {
	const health = healthWith();
	const limiter = defined(definePolicy('rate-limiter', 'mail', { limit: 1, periodMs: 60_000 }));
	expect(await found(health)).toEqual([]);
	call(limiter, 'a tenant');
	expect(await found(health)).toEqual([{ id: 'limit-exhausted', severity: 'info' }]);
	const [finding] = (await health.check()).health.findings;
	expect(finding).toMatchObject({
		subject: '["mail","a tenant"]',
		summary: expect.stringContaining('rate limiter "mail" for key "a tenant" has nothing left'),
	});
	clock.advance(120_000);
	expect(await found(health)).toEqual([]);
});

it('names retry budgets without a retry, breakers that are not closed and full bulkheads', async () => {
	const health = healthWith();
	const budget = { minRetriesPerSecond: 0, percentCanRetry: 50, ttlMs: 60_000 };
	const spent = defined(definePolicy('retry-budget', 'payments', budget));
	for (const attempt of [1, 1, 2]) call(spent, '', attempt);
	const mail = { maxConcurrentCalls: 1, maxWaitDurationMs: 0 };
	call(defined(definePolicy('bulkhead', 'mail', mail)));
	store.override(defined(definePolicy('circuit-breaker', 'stock')), '', 'open');
	store.override(defined(definePolicy('circuit-breaker', 'orders')), '', 'isolate');
	expect(await found(health)).toEqual(
		expect.arrayContaining([
			{ id: 'retry-budget-exhausted', severity: 'info' },
			{ id: 'bulkhead-saturated', severity: 'warning' },
			{ id: 'breaker-open', severity: 'warning' },
			{ id: 'breaker-isolated', severity: 'warning' },
		]),
	);
	expect(await found(health)).toHaveLength(4);
});

it('says since when a breaker is not closed, and when it probes', async () => {
	const health = healthWith();
	const options = { waitDurationInOpenStateMs: 30_000 };
	const payments = defined(definePolicy('circuit-breaker', 'payments', options));
	const stock = defined(definePolicy('circuit-breaker', 'stock'));
	const began = new Date(clock.now()).toISOString();
	store.override(payments, '', 'open');
	store.override(stock, '', 'isolate');
	const told = async () =>
		(await health.check()).health.findings
			.filter(({ component }) => component === 'policies')
			.map(({ summary }) => summary)
			.sort();
	clock.advance(22_000);
	expect(await told()).toEqual([
		`The circuit breaker "payments" is open since ${began} (22 s ago), probes again in 8 s: calls are turned away until then`,
		`The circuit breaker "stock" is isolated since ${began} (22 s ago): calls are turned away`,
	]);
	const [finding] = (await health.check()).health.findings;
	expect(JSON.parse(finding!.evidence[0]!.says)).toMatchObject({ since: began });
	// What was seen of policies is good for some seconds, and time goes on.
	clock.advance(3_000);
	expect((await told())[0]).toContain('(25 s ago), probes again in 5 s');
	clock.advance(10_000);
	expect((await told())[0]).toContain('(35 s ago): the next call is to be a probe');
	call(payments);
	clock.advance(5_000);
	const probed = new Date(clock.now() - 5_000).toISOString();
	expect((await told())[0]).toContain(
		`"payments" is half-open since ${probed} (5 s ago): calls are turned away but`,
	);
});

it('sees a state under a key each time while it is out of order, however many others there are', async () => {
	const health = healthWith();
	const tenants = defined(definePolicy('circuit-breaker', 'tenants'));
	for (let key = 0; key < 2_500; key++) store.override(tenants, `tenant ${key}`, 'close');
	store.override(tenants, 'tenant 7', 'isolate');
	const isNamed = async () => (await found(health)).length === 1;
	while (!(await isNamed()));
	for (let look = 0; look < 5; look++) expect(await isNamed()).toBe(true);
});

/** Breakers, of which the last by name is isolated. */
function manyBreakers(count: number): void {
	const names = Array.from({ length: count }, (_, number) => `service ${number + 10_000}`);
	for (const name of names) defined(definePolicy('circuit-breaker', name));
	store.override(definePolicy('circuit-breaker', names.at(-1)!), '', 'isolate');
}

const LAST = {
	id: 'breaker-isolated',
	summary: expect.stringContaining('is isolated') as string,
};

it('says of how many policies nothing is known yet, and looks on until it has seen each', async () => {
	const health = healthWith();
	manyBreakers(2_500);
	const first = (await health.check()).health;
	expect(first.findings).not.toContainEqual(expect.objectContaining(LAST));
	expect(first.components).toContainEqual({ component: 'policies', status: 'unknown' });
	expect(first.unknowns).toContainEqual(
		expect.objectContaining({
			source: 'policies',
			notKnown: ['whether 1500 more policies turn calls away'],
		}),
	);
	for (let look = 0; look < 2; look++) {
		clock.advance(5_000);
		await health.lookOut();
	}
	const whole = (await health.check()).health;
	expect(whole.findings).toContainEqual(expect.objectContaining(LAST));
	expect(whole.components).toContainEqual({ component: 'policies', status: 'degraded' });
	expect(whole.unknowns.filter(({ source }) => source === 'policies')).toEqual([]);
});

/** Says how often a policy was inspected since. */
function countInspections(): () => number {
	let inspected = 0;
	const inspect = store.inspect.bind(store);
	store.inspect = (address) => {
		inspected++;
		return inspect(address);
	};
	return () => inspected;
}

it('asks for no more than a thousand policies a look, and for none when nobody asks any more', async () => {
	const health = healthWith();
	manyBreakers(2_500);
	const inspected = countInspections();
	await health.check();
	expect(inspected()).toBe(1_000);
	clock.advance(61_000);
	await health.lookOut();
	expect(inspected()).toBe(1_000);
});

it('sees all policies at once for who wants all that turn calls away', async () => {
	const health = healthWith();
	manyBreakers(2_500);
	const { states, unseen } = knownOf(await health.allPolicyStates());
	expect({ states: states.length, unseen }).toEqual({ states: 2_500, unseen: 0 });
	clock.advance(150_000);
	// What was seen so long ago is not told for what is; what is out of order is looked at each time.
	expect(knownOf(await health.policyStates()).unseen).toBe(1_499);
});

it('looks once for all who want all that turn calls away at the same time', async () => {
	const health = healthWith();
	manyBreakers(2_500);
	const inspected = countInspections();
	const looks = await Promise.all([1, 2, 3].map(async () => await health.allPolicyStates()));
	expect(looks.map((look) => knownOf(look).unseen)).toEqual([0, 0, 0]);
	expect(inspected()).toBeLessThanOrEqual(3_000);
});

const losing = { EXECUTIONS_DATA_SAVE_ON_ERROR: 'none' };

it('counts settings that lose executions, and names the worst', async () => {
	const { health } = await healthWith(losing).check();
	const { configuration, findings } = health;
	expect(configuration.critical + configuration.warning).toBeGreaterThan(0);
	expect(configuration.notChecked).toBeGreaterThan(0);
	expect(findings).toMatchObject([
		{
			id: 'settings-lose-executions',
			component: 'n8n',
			summary: expect.stringMatching(/settings? loses? executions/),
			remedy: expect.stringContaining('lint_configuration'),
		},
	]);
	expect(health.components).toContainEqual({
		component: 'n8n',
		status: configuration.critical > 0 ? 'degraded' : 'healthy',
	});
});

it('checks settings at most every ten minutes, and lets nobody wait for a later check', async () => {
	const health = healthWith(losing);
	const checkedAt = async () => (await health.check()).health.configuration.at;
	const first = await checkedAt();
	clock.advance(599_000);
	expect(await checkedAt()).toBe(first);
	clock.advance(1_000);
	expect(await checkedAt()).toBe(first);
	expect(await checkedAt()).toBe(first + 600_000);
});
