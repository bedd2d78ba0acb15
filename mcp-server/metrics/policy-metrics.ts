import { FIGURES } from '../../core/policies/figures';
import { troubleOf, type PolicyLook, type SeenState } from '../../core/policy-states';
import type { GaugeFamily } from './exposition';

/**
 * Of policies that turn calls away. Keys are no labels, of which there may be any number: of states under keys it is
 * told how many are out of order.
 */
export function policyMetrics({ states, unseen }: PolicyLook): readonly GaugeFamily[] {
	const shared = states.filter(({ key }) => key === '');
	const labelsOf = ({ policy: { kind, name } }: SeenState) => ({ kind, name });
	const figures = Map.groupBy(
		shared.flatMap((state) =>
			Object.entries(state.found?.figures ?? {}).map(([figure, value]) => ({
				...inBaseUnit(figure, value),
				figure,
				labels: labelsOf(state),
			})),
		),
		({ name }) => name,
	);
	const troubled = Map.groupBy(
		states.flatMap((state) => {
			const trouble = troubleOf(state.policy, state.found);
			return trouble ? [{ ...labelsOf(state), trouble }] : [];
		}),
		(labels) => JSON.stringify(labels),
	);
	return [
		{
			name: 'bulwark_policies_unseen',
			help: 'Policies of which nothing is known yet, because they are looked at in turns.',
			samples: [{ value: unseen }],
		},
		{
			name: 'bulwark_policy_state',
			help: 'State of a policy that all calls share.',
			samples: shared.flatMap((state) =>
				state.found ? [{ labels: { ...labelsOf(state), state: state.found.state }, value: 1 }] : [],
			),
		},
		{
			name: 'bulwark_policy_troubled',
			help: 'States of a policy that are out of order, also under keys, by what is wrong.',
			samples: [...troubled.values()].map((all) => ({ labels: all[0]!, value: all.length })),
		},
		{
			name: 'bulwark_policy_since_timestamp_seconds',
			help: 'Unix time since when a circuit breaker is in its state. Not of closed ones.',
			samples: shared.flatMap((state) =>
				state.found?.since === undefined
					? []
					: [{ labels: labelsOf(state), value: state.found.since / 1_000 }],
			),
		},
		...[...figures].map(([name, samples]) => ({
			name: `bulwark_policy_${name}`,
			help: helpOf(samples[0]!.figure),
			samples,
		})),
	];
}

const helpOf = (figure: string): string =>
	`${FIGURES[figure] ?? 'A figure of a policy.'} Figure ${figure} of inspect_policy.`;

/** Prometheus counts in seconds, and writes names in lower case. */
function inBaseUnit(figure: string, value: number): { name: string; value: number } {
	const name = figure.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
	return name.endsWith('_ms')
		? { name: name.replace(/_ms$/, '_seconds'), value: value / 1_000 }
		: { name, value };
}
