import { guard, definePolicy } from '../../core/policies/define';
import { ExecutionPermits } from '../../nodes/shared/n8n/execution-permits';
import { services } from '../../nodes/shared/services';
import { holders, leasesKept } from '../support/process-state';
import { defineNode, start } from '../support/test-nodes';
import { until } from '../support/until';
import { startWorkflow } from '../support/workflow-harness';

const bulkhead = definePolicy('bulkhead', 'granted too late', { maxConcurrentCalls: 1 });

/** Asks a store that answers late: the execution is stopped while it waits for the answer. */
const asksAndIsStopped = defineNode('asks', async function (items) {
	const permits = ExecutionPermits.of(this);
	const stopped = new Promise((resolve) =>
		this.getExecutionCancelSignal()!.addEventListener('abort', resolve),
	);
	const request = { permitId: 'late', guards: [guard(bulkhead)], attempt: 1, leaseMs: 60_000 };
	const admission = await services.store.admit(request);
	await stopped;
	// By now n8n has told everyone that the execution is over.
	await new Promise((resolve) => setImmediate(resolve));
	if (admission.status === 'granted') await permits.hold(admission.permit, services);
	return [items];
});

it('gives a permit back at once that is granted after the execution was stopped', async () => {
	const running = startWorkflow({
		nodes: [
			{ name: 'Start', type: 'start' },
			{ name: 'Asks', type: 'asks' },
		],
		connections: ['Start -> Asks'],
		nodeTypes: { start: start(), asks: asksAndIsStopped },
	});
	await until(async () => (await holders(bulkhead.name)) === 1);
	running.cancel();
	expect((await running.finished).status).toBe('canceled');
	await until(async () => (await holders(bulkhead.name)) === 0);
	expect(leasesKept()).toBe(0);
});
