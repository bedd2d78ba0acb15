import {
	inputRequired,
	inputResponse,
	type InputRequiredResult,
	type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';

import type { Confirm } from '../../core/change-plans';
import { oneLine } from '../../core/one-line';
import type { ChangePlan } from '../../core/ports';

const answerSchema = z.object({
	apply: z.boolean().meta({ title: 'Apply the plan', description: 'Nothing is changed without.' }),
});

/** Most steps that a question lists one by one. */
const MOST_LISTED = 20;

/** Ends a call whose question the client is to put to its user before it calls again. */
export class QuestionPending {
	constructor(readonly result: InputRequiredResult) {}
}

/**
 * Asks the client's user: within the call where the client speaks 2025-11-25 and keeps a connection, else by a question
 * that comes back answered with the next call.
 */
export const confirmBy =
	(context: ServerContext, era: 'legacy' | 'modern'): Confirm =>
	async (plan) => {
		const message = questionOf(plan);
		if (era === 'legacy') {
			const requestedSchema = z.toJSONSchema(answerSchema) as never;
			const answer = await context.mcpReq.elicitInput({ message, requestedSchema });
			return isYes(answer) ? 'yes' : 'no';
		}
		// The yes to one plan is none to another, nor one that nobody was asked for.
		const name = `confirm-${plan.question}`;
		const answer = inputResponse(context.mcpReq.inputResponses, name);
		if (answer.kind === 'elicit') return isYes(answer) ? 'yes' : 'no';
		const question = inputRequired.elicit({ message, requestedSchema: answerSchema });
		throw new QuestionPending(inputRequired({ inputRequests: { [name]: question } }));
	};

const isYes = ({ action, content }: { action: string; content?: unknown }): boolean =>
	action === 'accept' && answerSchema.safeParse(content).data?.apply === true;

function questionOf({ summary, steps, effect }: ChangePlan): string {
	const listed = steps
		.slice(0, MOST_LISTED)
		.map(({ action, subject, reason }) => `- ${action} ${subject}: ${reason}`);
	const more = steps.length - listed.length;
	return [
		summary,
		...listed,
		...(more > 0 ? [`- and ${more} more`] : []),
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
