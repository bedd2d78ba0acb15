import { describeOptions } from '../options';
import { optionsSchemas } from '../policies/define';
import type { OptionDifference, PolicyConflict, PolicyEntry, RegisteredPolicy } from '../ports';

/** Definitions that were noted further apart than this are a change, no conflict. Steps in use note theirs every hour. */
const CONFLICT_MS = 24 * 60 * 60 * 1_000;

/** What several places say about one policy; undefined without any. */
export function registeredPolicy(entries: readonly PolicyEntry[]): RegisteredPolicy | undefined {
	const [newest, ...others] = [...entries].sort(byAge);
	if (!newest) return undefined;
	return {
		policy: newest.policy,
		entries: [newest, ...others],
		conflicts: others.flatMap((older) => conflictOf(newest, older) ?? []),
	};
}

/** The newest first; of two that are equally new, one for sure. */
const byAge = (one: PolicyEntry, other: PolicyEntry): number =>
	other.notedAt - one.notedAt || (one.by.id < other.by.id ? -1 : 1);

function conflictOf(newer: PolicyEntry, older: PolicyEntry): PolicyConflict | undefined {
	if (newer.notedAt - older.notedAt > CONFLICT_MS) return undefined;
	const differences = differencesOf(newer, older);
	return differences.length === 0 ? undefined : { newer, older, differences };
}

function differencesOf(newer: PolicyEntry, older: PolicyEntry): OptionDifference[] {
	const [values, others]: Array<Record<string, unknown>> = [
		{ ...newer.policy.options },
		{ ...older.policy.options },
	];
	return describeOptions(optionsSchemas[newer.policy.kind])
		.map(({ name, title }) => ({
			option: name,
			title,
			newer: values![name],
			older: others![name],
		}))
		.filter((option) => JSON.stringify(option.newer) !== JSON.stringify(option.older));
}
