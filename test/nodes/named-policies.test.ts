import { LoggerProxy, type INodeParameters, type INodeType } from 'n8n-workflow';

import { createPermitIds } from '../../adapters/system';
import { definePolicy } from '../../core/policies/define';
import { closeServices } from '../../nodes/shared/state';
import {
	ends,
	errorsAt,
	guarded,
	guardedChild,
	items,
	type Guarded,
} from '../support/guarded-workflow';
import { FaultProxy } from '../support/fault-proxy';
import { openStore, standalone, type OpenStore } from '../support/open-store';
import { setBack, stateOf } from '../support/process-state';
import { startRedis, type RedisServer } from '../support/redis-server';
import { scripted, throwing } from '../support/test-nodes';
import { until } from '../support/until';
import { runWorkflow, type FinishedWorkflow } from '../support/workflow-harness';
import { inRedis } from './state/redis-steps';

let server: RedisServer;
/** Another worker. */
let other: OpenStore;

beforeAll(async () => {
	server = await startRedis();
	other = openStore(standalone(server.port));
	await other.ping();
});

afterEach(setBack);

afterAll(async () => {
	await closeServices();
	other.close();
	await server.stop();
});

const newId = createPermitIds();
const newName = () => `service ${newId()}`;

const ways = [
	['the nodes between', guarded, (type: INodeType) => type],
	['a sub-workflow', guardedChild, throwing],
] as const;

/** Opens at the first failure. */
const defined = (policyName: string, options: INodeParameters = {}): INodeParameters => ({
	failureRateThreshold: 0,
	options: { policyName, consecutiveFailureThreshold: 1, ...options },
});

const named = (namedPolicy: string): INodeParameters => ({ settings: 'named', namedPolicy });

const hintsOf = (run: FinishedWorkflow): string[] =>
	run.runData.Step!.flatMap(({ hints = [] }) => hints.map(({ message }) => message));

describe.each(ways)('a step around %s that goes by a named policy', (_, around, failing) => {
	const breaker = (parameters: INodeParameters, plan = {}, more: Partial<Guarded> = {}) =>
		runWorkflow(
			around({
				step: 'circuitBreaker',
				parameters,
				call: failing(scripted(plan).type),
				items: items(1),
				...more,
			}),
		);

	it('has the settings and the state of the step that defines it', async () => {
		const name = newName();
		await breaker(defined(name));
		const run = await breaker(named(name), { 1: ['fail'] });
		expect(ends(run).bad).toEqual([1]);
		expect(await stateOf(name)).toBe('open');
		expect(ends(await breaker(defined(name))).rejected).toEqual([1]);
	});

	it('says that a name is unknown, where to define it, and which names are near', async () => {
		const name = newName();
		await breaker(defined(name));
		const run = await breaker(named(`${name}x`));
		expect(run.status).toBe('error');
		expect(run.error?.message).toContain(`"Policy Name" is "${name}x"`.slice(0, 60));
		expect(run.error?.message).toContain('no circuit breaker of this name is known');
		expect(run.error?.message).toContain(`there is "${name}"`.slice(0, 60));
		expect(run.error?.description).toMatch(/Defined Here/);
	});

	it('asks for a name where there is none', async () => {
		expect((await breaker(named(' '))).error?.message).toMatch(/a name is needed/);
	});

	it('takes the name from each item', async () => {
		const names = [newName(), newName()];
		await breaker(defined(names[0]!));
		const parameters = named('={{ $json.service }}');
		const run = await breaker(
			parameters,
			{},
			{
				items: names.map((service, id) => ({ id, service })),
				stepNode: { onError: 'continueRegularOutput' },
			},
		);
		expect(ends(run)).toMatchObject({ good: [0], bad: [1] });
		expect(errorsAt(run, 'Bad')[0]?.message).toContain('no circuit breaker of this name');
	});

	it('finds in Redis what another worker has defined', async () => {
		const name = newName();
		const { registry } = other;
		const limiter = definePolicy('rate-limiter', name, { limit: 2, burst: 2, periodMs: 60_000 });
		await registry.note(limiter, { id: 'elsewhere', title: 'a step of another worker' });
		await other.store.admit(other.request([limiter]));
		const run = await runWorkflow(
			around({
				step: 'rateLimiter',
				...inRedis(server.port, { ...named(name), whenLimited: 'reject' }),
				items: items(3),
			}),
		);
		expect([ends(run).good.length, ends(run).rejected.length]).toEqual([1, 2]);
	});

	it('tells another worker what it defines', async () => {
		const name = newName();
		await breaker({}, {}, inRedis(server.port, defined(name)));
		const { registry } = other;
		await until(async () => (await registry.find('circuit-breaker', name)) !== undefined);
		const found = await registry.find('circuit-breaker', name);
		expect(found?.policy.options).toMatchObject({ consecutiveFailureThreshold: 1 });
		expect(found?.entries[0]?.by.title).toContain('"Step" of workflow');
	});
});

it('lets a pipeline go by named policies, with retries of its own', async () => {
	const name = newName();
	await runWorkflow(
		guarded({ step: 'circuitBreaker', parameters: defined(name), items: items(1) }),
	);
	const parameters = {
		...named(name),
		useAttemptTimeout: false,
		retry: { maxAttempts: 3, delayMs: 0 },
	};
	const call = scripted({ 1: ['fail', 'fail', 'fail'] });
	const run = await runWorkflow(
		guardedChild({
			step: 'resiliencePipeline',
			parameters,
			call: throwing(call.type),
			items: items(1),
		}),
	);
	// The breaker of the name opens at the first failure.
	expect(call.calls).toHaveLength(1);
	expect(ends(run).rejected).toEqual([1]);
});

describe('two steps that define one policy differently', () => {
	const step = async (name: string, options: INodeParameters, more: Partial<Guarded> = {}) =>
		await runWorkflow(
			guarded({
				step: 'circuitBreaker',
				parameters: defined(name, options),
				items: items(2),
				...more,
			}),
		);

	it('are reported as a hint and in the log, once, with what differs', async () => {
		const name = newName();
		const other = { workflowId: newId() };
		expect(hintsOf(await step(name, {}))).toEqual([]);
		const warn = jest.fn();
		LoggerProxy.init({ error: warn, warn, info: warn, debug: () => undefined } as never);
		const hints = hintsOf(await step(name, { consecutiveFailureThreshold: 7 }, other));
		expect(hints).toHaveLength(1);
		expect(warn.mock.calls).toEqual([[`Bulwark: ${hints[0]}`]]);
		expect(hints[0]).toContain('Consecutive Failures is 7 and 1');
		expect(hintsOf(await step(name, { consecutiveFailureThreshold: 7 }, other))).toEqual([]);
	});

	it('are no conflict where they agree, or where each has its own', async () => {
		const name = newName();
		expect(hintsOf(await step(name, {}))).toEqual([]);
		expect(hintsOf(await step(name, {}))).toEqual([]);
		expect(hintsOf(await step('', {}))).toEqual([]);
		expect(hintsOf(await step('', { consecutiveFailureThreshold: 7 }))).toEqual([]);
	});

	it('are reported across workers', async () => {
		const name = newName();
		const limiter = definePolicy('circuit-breaker', name, { minimumNumberOfCalls: 99 });
		await other.registry.note(limiter, { id: 'elsewhere', title: 'a step of another worker' });
		const redis = inRedis(server.port, defined(name));
		const hints = hintsOf(await step(name, {}, redis));
		expect(hints).toHaveLength(1);
		expect(hints[0]).toContain('Minimum Number of Calls is 10 and 99');
		expect(hints[0]).toContain('a step of another worker');
	});
});

it('looks up all names of a run together', async () => {
	const proxy = await FaultProxy.start(server.port);
	const latency = 20;
	const names = Array.from({ length: 100 }, newName);
	const { stepNode, ...state } = inRedis(proxy.port, named('={{ $json.service }}'));
	const runMs = async () => {
		const startedAt = performance.now();
		const run = await runWorkflow(
			guarded({
				step: 'circuitBreaker',
				...state,
				stepNode: { ...stepNode, onError: 'continueRegularOutput' },
				items: names.map((service, id) => ({ id, service })),
			}),
		);
		expect(ends(run).bad).toHaveLength(names.length);
		return performance.now() - startedAt;
	};
	try {
		const plainMs = await runMs();
		proxy.addToxic({ type: 'latency', attributes: { latency } });
		expect((await runMs()) - plainMs).toBeLessThan((names.length * latency) / 2);
	} finally {
		await closeServices();
		await proxy.stop();
	}
});
