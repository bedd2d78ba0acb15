import {
	lostToRecover,
	MOST_AT_ONCE,
	RECOVER_EXECUTIONS,
	SILENT_WORKERS,
	UNSAFE_CHOICES,
	UNSEEN_RETRIES,
	type RecoverRequest,
} from '../../../../core/recovery';
import { planChange } from '../../changes';
import type { Operation } from '../../operation';
import { readExecutionIds } from './execution-ids';

export const planRecovery: Operation = {
	resource: 'execution',
	value: 'planRecovery',
	name: 'Plan Recovery',
	action: 'Plan a recovery of lost executions',
	description:
		'Plan what to do about lost executions: enqueue again, retry, mark or leave, each with the reason. Nothing is changed before the plan is applied.',
	properties: [
		{
			displayName: 'Execution IDs',
			name: 'executionIds',
			type: 'string',
			default: '',
			placeholder: 'e.g. 1234, 1235',
			description: `Parted by commas. Empty: all that are lost, at most ${MOST_AT_ONCE}, those first that can be brought back.`,
		},
		{
			displayName: 'Silent Workers',
			name: 'silentWorkers',
			type: 'options',
			options: [
				{
					name: 'Are Dead',
					value: 'are dead',
					description: 'Only where you know that their processes have ended',
				},
				{ name: 'May Live', value: 'may live', description: 'What they run is not run again' },
			],
			default: 'may live',
			description: 'What to make of workers that cannot be told from dead ones',
		},
		{
			displayName: 'Unsafe Ones',
			name: 'unsafe',
			type: 'options',
			options: [
				{ name: 'Leave', value: 'leave' },
				{ name: 'Mark Crashed', value: 'mark crashed' },
			],
			default: 'leave',
			description:
				'What to do about those that died with their worker and may not be run again: neither a tag nor a setting nor a Run Once step of their workflow allows it',
		},
		{
			displayName: 'Unseen Retries',
			name: 'unseenRetries',
			type: 'options',
			options: [
				{
					name: 'Are None',
					value: 'are none',
					description: 'Only where you know that nobody has retried them',
				},
				{ name: 'May Be There', value: 'may be there', description: 'They are left' },
			],
			default: 'may be there',
			description:
				'What to make of executions that have ended, and that somebody may have retried with success, where n8n keeps none that succeeds',
		},
	],

	async run(call) {
		const { parameters, stack, signal } = call;
		const given = readExecutionIds(parameters, 'executionIds');
		const choices = {
			silentWorkers: parameters.choice('silentWorkers', SILENT_WORKERS),
			unsafe: parameters.choice('unsafe', UNSAFE_CHOICES),
			unseenRetries: parameters.choice('unseenRetries', UNSEEN_RETRIES),
		};
		const wanted =
			given.length > 0
				? { executionIds: given }
				: await lostToRecover(stack.recovery, choices, signal);
		const request: RecoverRequest = { ...choices, ...wanted };
		return [await planChange(call, RECOVER_EXECUTIONS, request)];
	},
};
