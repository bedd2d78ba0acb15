import { playbooks, showPlaybook, type Playbook, type Subject } from '../playbooks';
import type { PromptBlank, PromptKind } from '../prompt';
import { policyNames } from '../policy-names';
import type { Services } from '../services';

const completions: Readonly<Record<Subject, PromptBlank<Services>['complete']>> = {
	policy: async (begun, services) => await policyNames('circuit-breaker', begun, services),
	worker: async (begun, { stack }) => {
		// Where they cannot be looked up nobody is told that there are none.
		const instances = (await stack.queueMode?.registry.instances().catch(() => [])) ?? [];
		return instances
			.filter(({ type, hostId }) => type === 'worker' && hostId.startsWith(begun))
			.map(({ hostId }) => hostId);
	},
};

const promptOf = (playbook: Playbook): PromptKind<Services> => ({
	name: playbook.name,
	title: playbook.title,
	description: playbook.when,
	blanks: Object.fromEntries(
		Object.entries(playbook.subjects).map(([subject, description]) => [
			subject,
			{ description, complete: completions[subject as Subject] },
		]),
	),
	text: (given) =>
		[
			'Work through this playbook for my n8n, step by step, and tell me what you find.',
			'Show me the steps of each plan before you apply it.',
			'',
			showPlaybook(playbook, given),
		].join('\n'),
});

export const playbookPrompts: ReadonlyArray<PromptKind<Services>> = playbooks.map(promptOf);
