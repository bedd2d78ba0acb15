import { z } from 'zod';

import {
	lostToRecover,
	MOST_AT_ONCE,
	RECOVER_EXECUTIONS,
	SILENT_WORKERS,
	UNSAFE_CHOICES,
	UNSEEN_RETRIES,
	type RecoverRequest,
} from '../../../core/recovery';
import type { Services } from '../../services';
import { defineTool } from '../../tool';
import { answerWith, plannedChange } from '../plans/plan-schemas';
import { executionId } from './recovery-schemas';

export const planRecovery = defineTool({
	name: 'plan_recovery',
	title: 'Plan a recovery',
	description:
		'Plans what to do about lost executions, each with the reason: enqueue it again under its own id, retry it, mark it, or leave it. Runs again only what cannot be done twice by it, or what its workflow declares safe (a tag, a setting, or a Run Once step). Changes nothing: pass the plan id to apply_plan.',
	role: 'operator',
	effect: 'plans',
	input: z.strictObject({
		executionIds: z
			.array(executionId)
			.min(1)
			.max(MOST_AT_ONCE)
			.optional()
			.describe(
				`Default: all that are lost, at most ${MOST_AT_ONCE}, those first that can be brought back.`,
			),
		silentWorkers: z
			.enum(SILENT_WORKERS)
			.default('may live')
			.describe(
				'What to make of workers that cannot be told from dead ones. Say "are dead" only when you know that their processes have ended: else work may be done twice.',
			),
		unsafe: z
			.enum(UNSAFE_CHOICES)
			.default('leave')
			.describe('What to do about those that died with their worker and may not be run again.'),
		unseenRetries: z
			.enum(UNSEEN_RETRIES)
			.default('may be there')
			.describe(
				'What to make of executions that have ended, and that somebody may have retried with success, where n8n keeps none that succeeds. Say "are none" only when you know that nobody has: else work may be done twice.',
			),
	}),
	output: plannedChange,

	async run({ executionIds, ...choices }, { who, signal }, { planner, recovery }: Services) {
		const request: RecoverRequest = {
			...choices,
			...(executionIds ? { executionIds } : await lostToRecover(recovery, choices, signal)),
		};
		return answerWith(await planner.plan(RECOVER_EXECUTIONS, request, who, signal));
	},
});
