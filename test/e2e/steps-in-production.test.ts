import {
	pollUntil,
	type Execution,
	type ExecutionStatus,
	type ExecutionSummary,
} from '../../scripts/n8n/index.ts';
import { callsOf, statsOf } from '../support/api-stats';
import { itemsFrom } from '../support/execution-data';
import { guardedWebhook, type GuardedWebhook } from '../support/guarded-webhook';
import { plantedSecret } from '../support/planted-secrets';
import { useN8n } from '../support/use-n8n';

const started = useN8n();

/** Stores and publishes a workflow; resolves with its id. */
async function publish(settings: GuardedWebhook): Promise<string> {
	const [stored] = await started.n8n.importWorkflows(guardedWebhook(settings));
	return stored!.id;
}

/** The newest execution of a workflow. n8n lists those first that are still running. */
async function newest(workflowId: string): Promise<ExecutionSummary | undefined> {
	const executions = await started.n8n.client.executions(workflowId);
	return executions.sort((a, b) => Number(b.id) - Number(a.id))[0];
}

/** The newest execution of a workflow, once it is in that state and is none of `earlier`. */
async function latest(
	workflowId: string,
	status: ExecutionStatus,
	...earlier: Execution[]
): Promise<Execution> {
	const look = async () => {
		const found = await newest(workflowId);
		const isNew = earlier.every(({ id }) => id !== found?.id);
		return found?.status === status && isNew ? found.id : undefined;
	};
	const what = `an execution of ${workflowId} to be ${status}`;
	return await started.n8n.client.execution(await pollUntil(look, { what, timeoutMs: 30_000 }));
}

async function call(path: string): Promise<{ status: number; body: unknown }> {
	const response = await started.n8n.client.callWebhook(path);
	return { status: response.status, body: await response.json() };
}

async function switchService(isDown: boolean, key: string): Promise<void> {
	await fetch(`${started.api.url}/control`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({ down: isDown, key }),
	});
}

describe('the package, installed from its tarball', () => {
	interface NodeType {
		name: string;
		displayName: string;
		iconUrl?: { light: string; dark: string };
	}

	it('shows its nodes with icons for light and dark', async () => {
		const headers = { cookie: `n8n-auth=${started.n8n.client.connection.cookie}` };
		const types = (await (
			await fetch(`${started.n8n.url}/types/nodes.json`, { headers })
		).json()) as NodeType[];
		const ours = types.filter(({ name }) => name.startsWith('n8n-nodes-bulwark.'));
		expect(ours.map(({ name, displayName }) => `${name}: ${displayName}`).sort()).toEqual([
			'n8n-nodes-bulwark.bulkhead: Bulkhead',
			'n8n-nodes-bulwark.bulwarkOperations: Bulwark Operations',
			'n8n-nodes-bulwark.bulwarkOperationsTool: Bulwark Operations Tool',
			'n8n-nodes-bulwark.bulwarkTrigger: Bulwark Trigger',
			'n8n-nodes-bulwark.circuitBreaker: Circuit Breaker',
			'n8n-nodes-bulwark.fallback: Fallback',
			'n8n-nodes-bulwark.rateLimiter: Rate Limiter',
			'n8n-nodes-bulwark.resiliencePipeline: Resilience Pipeline',
			'n8n-nodes-bulwark.retry: Retry',
			'n8n-nodes-bulwark.runOnce: Run Once',
			'n8n-nodes-bulwark.timeout: Timeout',
		]);
		for (const { iconUrl } of ours) {
			for (const url of [iconUrl!.light, iconUrl!.dark]) {
				const icon = await fetch(`${started.n8n.url}/${url}`);
				expect(icon.headers.get('content-type')).toContain('image/svg+xml');
				expect(await icon.text()).toContain('<svg');
			}
		}
	});

	it('loads without a word in the log', async () => {
		expect(await started.n8n.log()).not.toMatch(/n8n-nodes-bulwark|error loading/i);
	});
});

describe('state shared by executions', () => {
	it('a bulkhead holds across executions that run at the same time', async () => {
		await publish({
			path: 'three-at-a-time',
			steps: [{ type: 'bulkhead', parameters: { maxConcurrentCalls: 3 } }],
			url: `${started.api.url}/concurrent?key=three&ms=600`,
		});
		await call('three-at-a-time');
		const answers = await Promise.all(
			Array.from({ length: 9 }, async () => await call('three-at-a-time')),
		);
		expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(200));
		expect((await statsOf(started.api, 'concurrent')).three).toMatchObject({
			calls: 10,
			maxInFlight: 3,
		});
	});

	it('a breaker that some executions opened is seen by the next, and closes when the service is back', async () => {
		await publish({
			path: 'breaker',
			steps: [
				{
					type: 'circuitBreaker',
					parameters: {
						minimumNumberOfCalls: 3,
						waitDurationInOpenStateMs: 3000,
						options: { permittedNumberOfCallsInHalfOpenState: 1 },
					},
				},
			],
			url: `${started.api.url}/down?key=breaker`,
		});
		await switchService(true, 'breaker');
		for (let failing = 1; failing <= 3; failing++) {
			expect((await call('breaker')).status).toBe(502);
		}
		expect(await call('breaker')).toMatchObject({
			status: 503,
			body: [{ error: { code: 'CIRCUIT_OPEN' } }],
		});
		expect(await callsOf(started.api, 'down')).toEqual({ breaker: 3 });

		await switchService(false, 'breaker');
		const look = async () => ((await call('breaker')).status === 200 ? true : undefined);
		await pollUntil(look, { what: 'the breaker to close', timeoutMs: 30_000 });
		expect((await call('breaker')).status).toBe(200);
		// Three that failed, the probe, and the one after it.
		expect(await callsOf(started.api, 'down')).toEqual({ breaker: 5 });
	});
});

describe('an execution that is stopped while a step waits in the process', () => {
	it('ends at once and gives its permits back', async () => {
		const id = await publish({
			path: 'stopped',
			answerAtOnce: true,
			steps: [
				{
					type: 'bulkhead',
					parameters: { maxConcurrentCalls: 1, options: { maxQueueSize: 0 } },
				},
				{
					type: 'retry',
					parameters: {
						backoffType: 'constant',
						delayMs: 50_000,
						options: { jitter: 'none', maxDelayMs: 60_000 },
					},
				},
			],
			url: `=${started.api.url}/{{ $json.query.path }}`,
		});
		await started.n8n.client.callWebhook('stopped?path=status/503%3Fkey%3Dstopped');
		const reached = async () => (await callsOf(started.api, 'status')).stopped;
		await pollUntil(reached, { what: 'the first attempt', timeoutMs: 30_000 });
		const { id: executionId } = await latest(id, 'running');

		await started.n8n.client.callWebhook('stopped?path=status/200');
		const turnedAway = await latest(id, 'success');
		expect(itemsFrom(turnedAway, 'Rejected')).toMatchObject([{ error: { code: 'BULKHEAD_FULL' } }]);

		const stoppedAt = Date.now();
		await started.n8n.client.stopExecution(executionId);
		const stopped = await started.n8n.client.waitForExecution(executionId, { timeoutMs: 10_000 });
		expect(stopped.status).toBe('canceled');
		expect(Date.now() - stoppedAt).toBeLessThan(5000);

		await started.n8n.client.callWebhook('stopped?path=status/200');
		const next = await latest(id, 'success', turnedAway);
		expect(itemsFrom(next, 'Success')).toMatchObject([{ ok: true }]);
		expect((await callsOf(started.api, 'status')).stopped).toBe(1);
	});
});

describe('a parameter that cannot be used', () => {
	const wrong = { maxAttempts: '={{ $json.query.attempts }}' };

	it('fails the execution, with the parameter, its value and what to do', async () => {
		const id = await publish({
			path: 'wrong',
			steps: [{ type: 'retry', parameters: wrong }],
			url: `${started.api.url}/echo`,
		});
		await started.n8n.client.callWebhook('wrong?attempts=many');
		const { data } = await latest(id, 'error');
		expect(data.resultData.error).toMatchObject({
			name: 'NodeOperationError',
			message: expect.stringMatching(/"Maximum Attempts" is "many"/) as string,
			description: expect.stringMatching(/1.*1000/) as string,
			context: { itemIndex: 0 },
		});
	});

	it.each([
		['continueRegularOutput', 502],
		['continueErrorOutput', 200],
	] as const)('is the item\'s own failure with "%s"', async (onError, status) => {
		const path = `wrong-${onError}`;
		const id = await publish({
			path,
			answerAtOnce: status === 200,
			steps: [{ type: 'retry', parameters: wrong, onError }],
			url: `${started.api.url}/echo`,
		});
		const response = await started.n8n.client.callWebhook(`${path}?attempts=many`);
		expect(response.status).toBe(status);
		const { data } = await latest(id, 'success');
		const [run] = data.resultData.runData.retry!;
		const items = run!.data!.main.flatMap((output) => output ?? []);
		expect(items.map(({ json }) => JSON.stringify(json.error))).toEqual([
			expect.stringContaining('Maximum Attempts'),
		]);
		// Nothing reached the service without a guard.
		expect(run!.data!.main[0] ?? []).toEqual([]);
	});
});

it('what a step stores of a failed call holds no secret of the credential that the call used', async () => {
	const secret = plantedSecret('header');
	const credential = await started.n8n.client.connection.rest<{ id: string }>(
		'POST',
		'/credentials',
		{
			name: 'Planted',
			type: 'httpHeaderAuth',
			data: { name: 'Authorization', value: `Bearer ${secret}` },
		},
	);
	const id = await publish({
		path: 'secret',
		steps: [
			{ type: 'fallback', parameters: { alternatives: { alternative: [{ type: 'lastGood' }] } } },
			{ type: 'retry', parameters: { maxAttempts: 2, delayMs: 10 } },
			{ type: 'circuitBreaker' },
		],
		url: `${started.api.url}/status/503?key=secret`,
		request: {
			credentials: { httpHeaderAuth: { id: credential.id, name: 'Planted' } },
			parameters: { authentication: 'genericCredentialType', genericAuthType: 'httpHeaderAuth' },
		},
	});
	expect((await call('secret')).status).toBe(502);
	expect((await callsOf(started.api, 'status')).secret).toBe(2);
	const execution = await latest(id, 'success');
	const stored = await started.n8n.client.connection.rest('GET', `/executions/${execution.id}`);
	expect(JSON.stringify(stored)).toContain('503');
	for (const text of [JSON.stringify(execution), JSON.stringify(stored), await started.n8n.log()]) {
		expect(text).not.toContain(secret);
	}
});
