import { setTimeout as sleep } from 'node:timers/promises';

import { N8nClient } from '../../scripts/n8n/index.ts';
import { straightWorkflow } from '../support/straight-workflow';
import { tagWorkflow } from '../support/tag-workflow';
import { until } from '../support/until';
import { callOf, WorkedStack, type Replica } from '../support/worked-stack';

/** n8n gives up its slot where it has to wait for longer than 65 s, and goes on with a job of its own. */
const WAIT_S = 66;
const ASK_EVERY_MS = 1_000;

let test: WorkedStack;
let replica: Replica;

beforeAll(async () => {
	test = await WorkedStack.start(10);
	const { stack } = test;
	const part = await stack.client.createWorkflow(
		straightWorkflow(
			'part',
			{
				name: 'Begun',
				type: 'n8n-nodes-base.executeWorkflowTrigger',
				typeVersion: 1.1,
				parameters: { inputSource: 'passthrough' },
			},
			{
				name: 'Wait',
				type: 'n8n-nodes-base.wait',
				typeVersion: 1.1,
				webhookId: 'wait',
				parameters: { amount: WAIT_S, unit: 'seconds' },
			},
			callOf(test.service.url, 'part'),
		),
	);
	await stack.client.publish(part);
	await tagWorkflow(stack.client, part.id, 'bulwark:run-again');
	for (const [name, waitForSubWorkflow] of [
		['waiting', true],
		['not-waiting', false],
	] as const)
		await stack.client.publish(
			await stack.client.createWorkflow(
				straightWorkflow(
					name,
					{
						name: 'Webhook',
						type: 'n8n-nodes-base.webhook',
						typeVersion: 2,
						webhookId: name,
						parameters: { path: name, options: {} },
					},
					{
						name: 'Part',
						type: 'n8n-nodes-base.executeWorkflow',
						typeVersion: 1.2,
						parameters: {
							workflowId: { __rl: true, mode: 'id', value: part.id },
							options: { waitForSubWorkflow },
						},
					},
					callOf(test.service.url, 'quick'),
				),
			),
		);
});

afterAll(async () => {
	await test?.stop();
});

const call = async (tool: string, given: Record<string, unknown> = {}) => {
	const { isError, text, structured } = await replica.client.call(tool, given);
	if (isError) throw new Error(text);
	return structured;
};

it('sub-workflows that went on after a wait and died are brought back by themselves, once, and the one that waits goes on', async () => {
	const { stack, service, rows } = test;
	const webhooks = new N8nClient(stack.webhookUrl);
	await webhooks.callWebhook('waiting');
	await webhooks.callWebhook('not-waiting');
	await until(() => service.held.size === 2);
	const parts = [...service.held];
	const [waiting] = await rows.idsWithStatus('waiting');
	await stack.addWorker();
	replica = await test.addReplica();
	await call('list_workers');
	await stack.kill('worker-1');
	let steps: Array<{ action: string; reason: string }>;
	let planId: string;
	do {
		await sleep(ASK_EVERY_MS);
		({ steps, planId } = await call('plan_recovery'));
	} while (steps.length < 2);
	expect(steps).toEqual(parts.map(() => expect.objectContaining({ action: 'enqueue again' })));
	await call('apply_plan', { planId });
	await until(() => parts.every((id) => service.calls.get(id) === 2));
	service.release();
	await until(async () => {
		const ended = new Set(await rows.idsWithStatus('success'));
		return [...parts, waiting!].every((id) => ended.has(id));
	});
	expect(service.calls.get(waiting!)).toBe(1);
	expect(parts.map((id) => service.calls.get(id))).toEqual([2, 2]);
});
