import { playbooks, showPlaybook } from '../playbooks';
import type { ResourceKind } from '../resource';

export const playbookResources: ResourceKind<unknown> = {
	name: 'playbooks',
	title: 'Playbooks',
	description: 'What to do about a trouble: which tools to call, in order, and what to expect.',
	uriTemplate: 'bulwark://playbooks/{name}',
	mimeType: 'text/markdown',

	list: () =>
		playbooks.map(({ name, title, when }) => ({ variables: { name }, title, description: when })),

	complete: {
		name: (begun) =>
			Promise.resolve(playbooks.map(({ name }) => name).filter((name) => name.startsWith(begun))),
	},

	read({ name }) {
		const playbook = playbooks.find((one) => one.name === name);
		return Promise.resolve(playbook && showPlaybook(playbook));
	},
};
