import { setTimeout as sleep } from 'node:timers/promises';

import { N8nClient } from '../../scripts/n8n/index.ts';
import { straightWorkflow, type Part } from '../support/straight-workflow';
import { tagWorkflow } from '../support/tag-workflow';
import { until } from '../support/until';
import { callOf, WorkedStack, type Replica } from '../support/worked-stack';

const ASK_EVERY_MS = 1_000;
const WORD = 'yes';

type Way = 'webhook' | 'form';

const RESUMED_BY: Readonly<Record<Way, Record<string, unknown>>> = {
	webhook: { resume: 'webhook', httpMethod: 'POST', options: {} },
	form: {
		resume: 'form',
		formTitle: 'Word',
		formFields: { values: [{ fieldLabel: 'word', fieldType: 'text' }] },
		options: {},
	},
};

let test: WorkedStack;
let replica: Replica;

/** A call that tells the execution and what it goes on with. */
const workWith = (word: string): Part => {
	const call = callOf(test.service.url, 'work');
	const url = `=${test.service.url}/work?execution={{ $execution.id }}%20${word}`;
	return { ...call, parameters: { ...call.parameters, url } };
};

beforeAll(async () => {
	test = await WorkedStack.start(10);
	const { stack, service } = test;
	for (const way of Object.keys(RESUMED_BY) as Way[]) {
		const workflow = straightWorkflow(
			way,
			{
				name: 'Webhook',
				type: 'n8n-nodes-base.webhook',
				typeVersion: 2,
				webhookId: `begin-${way}`,
				parameters: { path: `begin-${way}`, responseMode: 'responseNode', options: {} },
			},
			{ ...callOf(service.url, 'quick'), name: 'Before' },
			{
				name: 'Tell',
				type: 'n8n-nodes-base.respondToWebhook',
				typeVersion: 1.4,
				parameters: {
					respondWith: 'text',
					responseBody: `={{ $execution.${way === 'form' ? 'resumeFormUrl' : 'resumeUrl'} }}`,
					options: {},
				},
			},
			{
				name: 'Wait',
				type: 'n8n-nodes-base.wait',
				typeVersion: 1.1,
				webhookId: `resume-${way}`,
				parameters: RESUMED_BY[way],
			},
			workWith(way === 'form' ? '{{ $json.word }}' : '{{ $json.body.word }}'),
		);
		const stored = await stack.client.createWorkflow(workflow);
		await stack.client.publish(stored);
		await tagWorkflow(stack.client, stored.id, 'bulwark:run-again');
	}
	await Promise.all([stack.addWorker(), stack.addWorker()]);
	replica = await test.addReplica();
	await call('list_workers');
});

afterAll(async () => {
	await test?.stop();
});

async function call(tool: string, given: Record<string, unknown> = {}) {
	const { isError, text, structured } = await replica.client.call(tool, given);
	if (isError) throw new Error(text);
	return structured;
}

/** @returns the id of an execution that waits, and where it is resumed. */
async function untilWaiting(way: Way): Promise<{ id: string; resumeUrl: string }> {
	const webhooks = new N8nClient(test.stack.webhookUrl);
	const response = await webhooks.callWebhook(`begin-${way}`);
	const resumeUrl = await response.text();
	const id = /waiting\/(\d+)/.exec(resumeUrl)![1]!;
	await until(async () => (await test.rows.idsWithStatus('waiting')).includes(id));
	return { id, resumeUrl };
}

async function resume(way: Way, url: string): Promise<void> {
	const form = new FormData();
	form.set('field-0', WORD);
	const json = { 'content-type': 'application/json' };
	const response = await fetch(
		url,
		way === 'form'
			? { method: 'POST', body: form }
			: { method: 'POST', headers: json, body: JSON.stringify({ word: WORD }) },
	);
	expect([response.status, await response.text()]).toEqual([200, expect.anything()]);
}

it.each(['webhook', 'form'] as const)(
	'what goes on after a call by %s and dies is brought back to where it went on, with what it was called with',
	async (way) => {
		const { stack, service, rows } = test;
		service.hold();
		const [waiting, going] = [await untilWaiting(way), await untilWaiting(way)];
		await resume(way, going.resumeUrl);
		const work = `${going.id} ${WORD}`;
		await until(() => service.held.has(work));
		const { structured } = await replica.client.call('explain_execution', {
			executionId: going.id,
		});
		const runner = /worker-\d+$/.exec(structured.reportedBy)![0];
		await stack.kill(runner);
		let steps: Array<{ action: string; subject: string }>;
		let planId: string;
		do {
			await sleep(ASK_EVERY_MS);
			({ steps, planId } = await call('plan_recovery'));
		} while (steps.length === 0);
		// What still waits is not lost.
		expect(steps).toMatchObject([
			{ action: 'enqueue again', subject: expect.stringContaining(`execution ${going.id} `) },
		]);
		await call('apply_plan', { planId });
		await until(() => service.calls.get(work) === 2);
		service.release();
		await until(async () => (await rows.idsWithStatus('success')).includes(going.id));
		await resume(way, waiting.resumeUrl);
		await until(async () => (await rows.idsWithStatus('success')).includes(waiting.id));
		expect(service.calls.get(`${waiting.id} ${WORD}`)).toBe(1);
		expect([going, waiting].map(({ id }) => service.calls.get(id))).toEqual([1, 1]);
		await until(async () => (await call('find_lost_executions')).lost.length === 0);
	},
);
