import {
	inputRequired,
	inputResponse,
	ProtocolError,
	SdkError,
	SdkErrorCode,
	type InputRequiredResult,
	type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

import { changedBy, type Confirm } from '../../core/change-plans';
import { oneLine } from '../../core/one-line';
import type { ChangePlan, Clock } from '../../core/ports';

const answerSchema = z.object({
	apply: z.boolean().meta({ title: 'Apply the plan', description: 'Nothing is changed without.' }),
});

/** Most steps without a change that a question lists one by one. */
const MOST_LEFT_LISTED = 20;

/** Ends a call whose question the client is to put to its user before it calls again. */
export class QuestionPending {
	constructor(readonly result: InputRequiredResult) {}
}

/**
 * Asks the client's user: within the call where the client speaks 2025-11-25 and keeps a connection, else by a question
 * that comes back answered with the next call.
 */
export const confirmBy =
	(context: ServerContext, era: 'legacy' | 'modern', clock: Clock): Confirm =>
	async (plan) => {
		const message = questionOf(plan);
		if (era === 'legacy') return await askWithin(context, plan.expiresAt - clock.now(), message);
		// The yes to one plan is none to another, nor one that nobody was asked for.
		const name = `confirm-${plan.question}`;
		const { inputResponses = {} } = context.mcpReq;
		if (Object.hasOwn(inputResponses, name)) {
			const answer = inputResponse(inputResponses, name);
			return answer.kind === 'elicit' && isYes(answer) ? 'yes' : 'no';
		}
		const question = inputRequired.elicit({ message, requestedSchema: answerSchema });
		throw new QuestionPending(inputRequired({ inputRequests: { [name]: question } }));
	};

/** Asks while the call waits, for as long as that is of use. */
async function askWithin({ mcpReq }: ServerContext, timeout: number, message: string) {
	const requestedSchema = z.toJSONSchema(answerSchema);
	const params = { mode: 'form', message, requestedSchema };
	const { signal } = mcpReq;
	try {
		// elicitInput would take an answer that does not fit for a fault of ours.
		const answer = await mcpReq.send(
			{ method: 'elicitation/create', params },
			{ timeout: Math.max(0, timeout), signal },
		);
		return isYes(answer) ? 'yes' : 'no';
	} catch (error) {
		signal.throwIfAborted();
		if (error instanceof ProtocolError) return 'cannot be asked';
		if (!(error instanceof SdkError)) throw error;
		if (error.code === SdkErrorCode.RequestTimeout) return 'no answer';
		if (error.code === SdkErrorCode.InvalidResult) return 'no';
		throw error;
	}
}

const isYes = ({ action, content }: { action: string; content?: unknown }): boolean =>
	action === 'accept' && answerSchema.safeParse(content).data?.apply === true;

function questionOf({ summary, steps, effect }: ChangePlan): string {
	const changes = changedBy(steps);
	const left = steps.filter((step) => !changes.includes(step));
	const more = left.length - MOST_LEFT_LISTED;
	return [
		summary,
		// Nobody can say yes to what he has not seen.
		...[...changes, ...left.slice(0, MOST_LEFT_LISTED)].map(
			({ action, subject, reason }) => `- ${action} ${subject}: ${reason}`,
		),
		...(more > 0 ? [`- leave ${more} more`] : []),
		effect === 'destroys' ? 'What this removes cannot be brought back. Apply it?' : 'Apply it?',
	]
		.map(oneLine)
		.join('\n');
}

/** Where nobody can be asked: an administrator may have settled that plans are applied all the same. */
export const confirmUnasked =
	(confirmation: 'required' | 'when possible'): Confirm =>
	() =>
		Promise.resolve(confirmation === 'required' ? 'cannot be asked' : 'yes');
