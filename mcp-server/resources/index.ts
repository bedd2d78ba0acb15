import type { ResourceKind } from '../resource';
import type { Services } from '../services';
import { executionResources } from './execution-resources';
import { playbookResources } from './playbook-resources';
import { policyResources } from './policy-resources';

/** All resources, by name. */
export const resources: ReadonlyArray<ResourceKind<Services>> = [
	executionResources,
	playbookResources,
	policyResources,
];
