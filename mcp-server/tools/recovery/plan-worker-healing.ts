import { z } from 'zod';

import { HEAL_WORKER } from '../../../core/recovery';
import type { Services } from '../../services';
import { defineTool } from '../../tool';
import { answerWith, plannedChange } from '../plans/plan-schemas';

export const planWorkerHealing = defineTool({
	name: 'plan_worker_healing',
	title: 'Plan to heal a worker',
	description:
		'Plans to bring a worker back that takes no jobs any more, without a restart: all of its connections to Redis are closed, so that it makes new ones, and then it is watched whether it takes jobs again. Says when only a restart will do. Changes nothing: pass the plan id to apply_plan.',
	role: 'operator',
	effect: 'plans',
	input: z.strictObject({
		worker: z.string().min(1).max(300).describe('Host id of the worker, as list_workers shows it.'),
	}),
	output: plannedChange,

	async run(request, { who, signal }, { planner }: Services) {
		return answerWith(await planner.plan(HEAL_WORKER, request, who, signal));
	},
});
