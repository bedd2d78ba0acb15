import type { PlaybookStep } from './playbook';

export const overview: PlaybookStep = {
	tool: 'get_health',
	given: {},
	why: 'See which causes it names, with their evidence, and which sources it could not ask.',
	expect:
		'The trouble is among the causes. Another one above it may be its reason: deal with that first.',
};

export const findLost: PlaybookStep = {
	tool: 'find_lost_executions',
	given: {},
	why: 'Name the executions that were lost, by what two sources say of each.',
	expect:
		'None, or a list that says of each why it is lost and whether it may be run again. What is not sure yet is named when it has been seen twice: ask again after 10 s.',
};

/** Shows the user what would be done, and does it once he agrees. */
export const recover: readonly PlaybookStep[] = [
	{
		tool: 'plan_recovery',
		given: {},
		why: 'Plan what is to be done about each lost execution.',
		expect:
			'Steps with reasons: only executions that are declared safe, or never began, are run again. Show them to the user. Where nothing is to be done about any, leave out the next step.',
	},
	{
		tool: 'apply_plan',
		given: { planId: '<planId>' },
		why: 'Do it, once the user has seen the steps.',
		expect:
			'A report, step by step. PLAN_STALE means that something has changed: plan again and look again.',
	},
];
