import { overview } from './common-steps';
import type { Playbook } from './playbook';

export const breakerStorm: Playbook = {
	name: 'breaker-storm',
	title: 'Many circuit breakers are open',
	when: 'Calls to one service, or to several at once, are rejected by open circuit breakers.',
	subjects: { policy: 'Name of a circuit breaker, as list_policies shows it.' },
	steps: [
		{
			tool: 'list_policies',
			given: { onlyTroubled: true },
			why: 'See which breakers are open, and where two steps define one of them differently.',
			expect:
				'Breakers of services that have something in common point at it: a network, a proxy, a login.',
		},
		{
			tool: 'inspect_policy',
			given: { kind: 'circuit-breaker', name: '<policy>' },
			why: 'See whether it is open, since when, and by which share of failed or slow calls.',
			expect:
				'Open with a high failure rate: the service fails. Open with few calls: its minimum number of calls is too low. Half-open: it is being tried; wait.',
		},
		overview,
		{
			tool: 'plan_policy_override',
			given: { kind: 'circuit-breaker', name: '<policy>', action: 'close' },
			why: 'Only when the service is known to be well again, and waiting costs more than trying.',
			expect:
				'A plan to close it for all workers. To keep calls away from a service that is being repaired, plan with isolate instead.',
		},
		{
			tool: 'apply_plan',
			given: { planId: '<planId>' },
			why: 'Do it, once the user agrees.',
			expect: 'The breaker is closed for all workers, within a second.',
		},
		{
			tool: 'inspect_policy',
			given: { kind: 'circuit-breaker', name: '<policy>' },
			why: 'See whether it stays closed.',
			expect:
				'Opened again, the service still fails: leave it open. A breaker that was isolated stays so until it is closed or reset.',
		},
	],
	afterwards:
		'It is over when breakers close by themselves. Executions that were rejected are not lost: they have ended on the Rejected output of their step, or as errors.',
};
