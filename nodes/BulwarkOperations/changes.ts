import { LoggerProxy, type IDataObject } from 'n8n-workflow';

import type { AuditEvent } from '../../core/audit';
import { PlanRefusedError, tellPlan } from '../../core/change-plans';
import { noteAudit } from '../shared/stack';
import type { OperationCall } from './operation';

/** Looks what would be done, and hands out a plan for it. */
export async function planChange(
	{ stack, who, signal }: OperationCall,
	kind: string,
	request: object,
): Promise<IDataObject> {
	const event = { who, operation: `plan: ${kind}`, input: request };
	const plan = await stack.planner.plan(kind, request, who, signal).catch(noteFailure(event));
	await noteAudit({ ...event, outcome: 'done', planId: plan.id });
	return tellPlan(plan) as unknown as IDataObject;
}

/** Does what a plan says. Who has put it into a workflow has said yes; others are asked by nodes before this one. */
export async function applyPlan(
	{ stack, who, signal }: OperationCall,
	planId: string,
): Promise<IDataObject> {
	const event = { who, operation: 'apply plan', input: { planId }, planId };
	const { report } = await audited(
		event,
		async () => await stack.planner.apply(planId, who, confirmed, signal, noProgress),
		({ report: { summary } }) => summary,
	);
	return { planId, ...report } as unknown as IDataObject;
}

/**
 * Notes what is about to be done, does it, and notes how it went. What cannot be noted is not done; how it went is told
 * all the same.
 */
export async function audited<T>(
	event: Omit<AuditEvent, 'at' | 'outcome'>,
	run: () => Promise<T>,
	detailOf: (done: T) => string,
): Promise<T> {
	await noteAudit({ ...event, outcome: 'started' });
	const done = await run().catch(noteFailure(event));
	await noteAfter({ ...event, outcome: 'done', detail: detailOf(done) });
	return done;
}

const noteFailure =
	(event: Omit<AuditEvent, 'at' | 'outcome'>) =>
	async (error: Error): Promise<never> => {
		const outcome = error instanceof PlanRefusedError ? 'refused' : 'failed';
		await noteAfter({ ...event, outcome, detail: error.message });
		throw error;
	};

const noteAfter = async (event: Omit<AuditEvent, 'at'>): Promise<void> =>
	await noteAudit(event).catch(({ message }: Error) =>
		LoggerProxy.error(`Bulwark: it is not noted that "${event.operation}" is over: ${message}`),
	);

const confirmed = () => Promise.resolve('yes' as const);

const noProgress = (): void => undefined;
