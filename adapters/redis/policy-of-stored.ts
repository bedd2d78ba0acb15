import { definePolicy, optionsSchemas } from '../../core/policies/define';
import type { PolicyDefinition, PolicyKind } from '../../core/ports';

/** A policy with options that another process has stored; those that this version does not know are left out. */
export function policyOfStored(
	kind: PolicyKind,
	name: string,
	options: Readonly<Record<string, unknown>>,
): PolicyDefinition {
	const isOption = (option: string): boolean => option in optionsSchemas[kind].shape;
	const known = Object.entries(options).filter(([option]) => isOption(option));
	return definePolicy(kind, name, Object.fromEntries(known)) as PolicyDefinition;
}
