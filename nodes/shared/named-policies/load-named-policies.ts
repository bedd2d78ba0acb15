import type { IExecuteFunctions } from 'n8n-workflow';

import { settingsOptions } from '../description/settings-properties';
import { readParameters } from '../parameters';
import { INPUT } from '../ports';
import type { Services } from '../services';
import type { Step } from '../step';
import { itemsAt } from '../step-outputs';
import { LoadedPolicies } from '../loaded-policies';
import { LookUps } from './look-ups';

/** Names that are looked up at once; all of them must be answered in the time of one. */
const NAMES_AT_A_TIME = 50;

/** Looks up the policies that the items of a run refer to by name, before the parameters of each are read. */
export async function loadNamedPolicies(
	context: IExecuteFunctions,
	{ namedPolicies = [] }: Step,
	services: Services,
): Promise<void> {
	if (namedPolicies.length === 0) return;
	if (readParameters(context, 0).options(settingsOptions).settings !== 'named') return;
	const loaded = LoadedPolicies.of(context);
	const lookUps = new LookUps(services);
	const names = [...namesIn(context)];
	for (let first = 0; first < names.length; first += NAMES_AT_A_TIME) {
		const some = names.slice(first, first + NAMES_AT_A_TIME);
		const wanted = some.flatMap((name) => namedPolicies.map((kind) => ({ kind, name })));
		await Promise.all(
			wanted.map(async ({ kind, name }) => loaded.set(kind, name, await lookUps.of(kind, name))),
		);
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
