import type { IExecuteFunctions } from 'n8n-workflow';

import { guard } from '../../../../core/policies/define';
import { openServices } from '../../../../nodes/shared/state';
import { longLeasedLimiter } from '../../../support/long-leased-limiter';
import type { LeasingPlan } from './plan';

async function makeCalls({ port, calls }: LeasingPlan): Promise<void> {
	// What n8n gives a step that keeps its state in Redis.
	const context = {
		getNode: () => ({ name: 'Step' }),
		getNodeParameter: (name: string, _item: number, unset: unknown) =>
			name === 'state' ? 'redis' : unset,
		getCredentials: () => Promise.resolve({ host: '127.0.0.1', port }),
	} as unknown as IExecuteFunctions;
	const { store, newPermitId } = await openServices(context);
	const guards = [guard(longLeasedLimiter)];
	for (let call = 0; call < calls; call++)
		await store.admit({ permitId: newPermitId(), guards, attempt: 1, leaseMs: 1_000 });
}

/** Makes calls, and ends when it is told to. */
async function run(plan: LeasingPlan): Promise<void> {
	if (plan.endsByItself)
		process.once('SIGTERM', () => void makeCalls(plan).then(() => process.exit(0)));
	await makeCalls(plan);
	process.send!('called');
}

void run(JSON.parse(process.argv[2]!) as LeasingPlan);
