import type { IDataObject } from 'n8n-workflow';

import { COMPONENTS, healthOf, tellHealth } from '../../../../core/health';
import { parameterFor } from '../../../shared/stack';
import { anyOrOne, titled } from '../../any-or-one';
import type { Operation } from '../../operation';

const ofComponent = anyOrOne(
	{ displayName: 'Component', name: 'component', description: 'Only findings of this one' },
	COMPONENTS,
	(component) => (component === 'n8n' ? component : titled(component)),
);

export const getHealth: Operation = {
	resource: 'health',
	value: 'get',
	name: 'Get',
	action: 'Get the health of the stack',
	description:
		'Tell whether n8n and all that it needs is healthy, and if not, why: with evidence, remedy, and what is not known',
	properties: [ofComponent.property],

	async run({ parameters, stack }) {
		const { health } = await stack.health.check();
		const chosen = tellHealth(healthOf(health, ofComponent.read(parameters)));
		const unknowns = chosen.unknowns.map((unknown) => ({
			...unknown,
			remedy: parameterFor(unknown.source, stack.sources) ?? unknown.remedy,
		}));
		return [{ ...chosen, unknowns } as unknown as IDataObject];
	},
};
