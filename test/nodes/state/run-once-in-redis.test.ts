import { parseOptions } from '../../../core/options';
import { runOnceOptions } from '../../../core/policies/run-once';
import { beginRequest, type RunOncePolicy } from '../../../core/run-once';
import { closeServices } from '../../../nodes/shared/state';
import { FaultProxy } from '../../support/fault-proxy';
import { ends, errorsAt, guarded, guardedChild, items } from '../../support/guarded-workflow';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { gated, scripted } from '../../support/test-nodes';
import { until } from '../../support/until';
import { runWorkflow, startWorkflow } from '../../support/workflow-harness';
import { inRedis } from './redis-steps';

let server: RedisServer;
let proxy: FaultProxy;
/** Another worker. */
let other: OpenStore;

beforeAll(async () => {
	server = await startRedis();
	proxy = await FaultProxy.start(server.port);
	other = openStore(standalone(server.port));
	await other.connection.ready();
});

afterEach(async () => {
	await proxy.reset();
	await closeServices();
});

afterAll(async () => {
	other.close();
	await proxy.stop();
	await server.stop();
});

const ways = [
	['the nodes between', guarded],
	['a sub-workflow', guardedChild],
] as const;

let names = 0;
const newPolicy = (): RunOncePolicy => ({
	name: `orders ${names++}`,
	options: parseOptions(runOnceOptions, {}),
});

/** Another worker begins the work for the item 1. */
async function beginElsewhere(policy: RunOncePolicy) {
	const answer = await other.runs.begin(beginRequest(policy, '1', other.newId(), 60_000));
	if (answer.status !== 'started') throw new Error(`It was ${answer.status}`);
	return answer.run;
}

describe.each(ways)('around %s', (_, around) => {
	const workflow = ({ name }: RunOncePolicy, call = scripted().type, parameters = {}) =>
		around({
			step: 'runOnce',
			...inRedis(proxy.port, {
				key: '={{ $json.id }}',
				...parameters,
				options: { policyName: name },
			}),
			call,
			items: items(1),
		});

	it('waits for what another worker does, and gives out its result', async () => {
		const policy = newPolicy();
		const call = scripted();
		const run = await beginElsewhere(policy);
		const running = startWorkflow(workflow(policy, call.type));
		const waiting = `bulwark:{r:${policy.name}:1}:waiting`;
		await until(async () => (await other.connection.client.zcard(waiting)) > 0);
		const resultJson = JSON.stringify([{ id: 1, by: 'another worker' }]);
		await other.runs.end(run, { state: 'done', resultJson });
		const finished = await running.finished;
		expect(finished.json('Good')).toMatchObject([
			{ by: 'another worker', runOnce: { replayed: true } },
		]);
		expect(call.calls).toEqual([]);
	});

	it('gives out a large result that is slow to come, and does nothing again', async () => {
		const policy = newPolicy();
		const call = scripted();
		const text = 'x'.repeat(4_000_000);
		const resultJson = JSON.stringify([{ id: 1, text }]);
		await other.runs.end(await beginElsewhere(policy), { state: 'done', resultJson });
		await runWorkflow(workflow(newPolicy()));
		// Some 200 ms.
		proxy.addToxic({ type: 'bandwidth', attributes: { rate: 20_000 } });
		const run = await runWorkflow(workflow(policy, call.type));
		expect(run.json('Good')).toMatchObject([{ text, runOnce: { replayed: true } }]);
		expect(call.calls).toEqual([]);
	});

	it('tells other workers what it does and has done', async () => {
		const policy = newPolicy();
		const call = gated();
		const running = startWorkflow(workflow(policy, call.type));
		await call.entered();
		const request = beginRequest(policy, '1', other.newId(), 60_000);
		expect(await other.runs.begin(request)).toMatchObject({ status: 'running' });
		call.release();
		expect(ends(await running.finished).good).toEqual([1]);
		expect(await other.runs.begin(request)).toMatchObject({
			status: 'ended',
			end: { state: 'done', resultJson: '[{"id":1}]' },
		});
	});

	it('turns items away while Redis is down, unless it is told otherwise', async () => {
		const call = scripted();
		await proxy.disable();
		const run = await runWorkflow(workflow(newPolicy(), call.type));
		expect(errorsAt(run, 'Rejected')).toMatchObject([{ code: 'STORE_UNREACHABLE' }]);
		expect(call.calls).toEqual([]);
	});

	it('goes by this process while Redis is down, and marks what it lets through', async () => {
		const policy = newPolicy();
		const call = scripted();
		await proxy.disable();
		const run = async () =>
			await runWorkflow(workflow(policy, call.type, { whenRedisIsDown: 'local' }));
		expect((await run()).json('Good')).toMatchObject([{ degraded: { whenRedisIsDown: 'local' } }]);
		expect((await run()).json('Good')).toMatchObject([{ runOnce: { replayed: true } }]);
		expect(call.callsOf(1)).toBe(1);
	});

	it('notes the end of work that it was at when Redis was lost as soon as it is back', async () => {
		const policy = newPolicy();
		const call = gated();
		const running = startWorkflow(workflow(policy, call.type));
		await call.entered();
		await proxy.disable();
		call.release();
		expect(ends(await running.finished).good).toEqual([1]);
		const address = { name: policy.name, key: '1' };
		expect((await other.runs.inspect(address))?.state).toBe('running');
		await proxy.enable();
		await until(async () => (await other.runs.inspect(address))?.state === 'done');
	});
});
