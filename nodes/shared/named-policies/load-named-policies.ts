import type { IExecuteFunctions } from 'n8n-workflow';

import { nearNames } from '../../../core/policy-registry';
import type { PolicyDefinition, PolicyKind } from '../../../core/ports';
import { settingsOptions } from '../description/settings-properties';
import { readParameters } from '../parameters';
import { INPUT } from '../ports';
import type { Services } from '../services';
import type { Step } from '../step';
import { itemsAt } from '../step-outputs';
import { LoadedPolicies, type LookUp } from './loaded-policies';

/** Looks up the policies that the items of a run refer to by name, before the parameters of each are read. */
export async function loadNamedPolicies(
	context: IExecuteFunctions,
	{ namedPolicies = [] }: Step,
	services: Services,
): Promise<void> {
	if (namedPolicies.length === 0) return;
	if (readParameters(context, 0).options(settingsOptions).settings !== 'named') return;
	const loaded = LoadedPolicies.of(context);
	for (const name of namesIn(context)) {
		for (const kind of namedPolicies) loaded.set(kind, name, await lookUp(services, kind, name));
	}
}

function namesIn(context: IExecuteFunctions): Set<string> {
	const names = new Set<string>();
	for (const item of itemsAt(context, INPUT.items).keys()) {
		try {
			names.add(readParameters(context, item).text('namedPolicy').trim());
		} catch {
			// Said where the item's other parameters are read.
		}
	}
	names.delete('');
	return names;
}

async function lookUp(
	{ registry, policies }: Services,
	kind: PolicyKind,
	name: string,
): Promise<LookUp> {
	try {
		const policy: PolicyDefinition | undefined = await policies.find(kind, name);
		if (policy) return { status: 'found', policy };
		return { status: 'unknown', near: nearNames(name, await registry.names(kind)) };
	} catch (error) {
		return { status: 'failed', reason: error instanceof Error ? error.message : String(error) };
	}
}
