import type { ChangeKind } from '../change-plans';
import { BulwarkError } from '../errors';
import { quoted } from '../one-line';
import type {
	OverrideAction,
	PlannedStep,
	PolicyAddress,
	PolicyDefinition,
	SharedPolicies,
} from '../ports';
import { stateOrProblem } from './state-or-problem';
import { UnknownPolicyError } from './unknown-policy-error';

/** Which state is to be changed by hand, and how. */
export interface OverrideRequest extends PolicyAddress {
	readonly action: OverrideAction;
}

/** The action is not one for this kind of policy. */
export class UnfitActionError extends BulwarkError {
	readonly code = 'ACTION_UNFIT';
}

const EFFECT: Readonly<Record<OverrideAction, string>> = {
	open: 'calls are turned away until its wait is over, then it probes as usual',
	close: 'calls go through and counting begins anew',
	isolate: 'calls are turned away until it is closed or reset by hand',
	reset: 'everything counted or held is forgotten',
};

const UNREADABLE = 'something that cannot be read';

/** Changes the state of a policy by hand, for all workers: they may go by what they know for a second. */
export function overridePolicy({
	registry,
	store,
}: Pick<SharedPolicies, 'registry' | 'store'>): ChangeKind<OverrideRequest> {
	const defined = async ({ kind, name }: OverrideRequest): Promise<PolicyDefinition> => {
		const known = await registry.find(kind, name);
		if (!known) throw new UnknownPolicyError(kind, name);
		return known.policy;
	};
	return {
		name: 'override policy',
		role: 'operator',
		effect: 'repairs',

		async foresee(request) {
			if (request.kind !== 'circuit-breaker' && request.action !== 'reset') throw unfit(request);
			await defined(request);
			// A reset is the remedy for a state that cannot be read.
			const seen = request.action === 'reset' ? await stateOrProblem(store, request) : undefined;
			const state = seen?.problem
				? UNREADABLE
				: (seen ? seen.told : await store.inspect(request))?.state;
			const step = stepOf(request, state);
			return {
				summary: `${step.action} ${step.subject}`,
				steps: [step],
				state: state ?? null,
			};
		},

		async apply(request, { steps }) {
			await store.override(await defined(request), request.key, request.action);
			const after = await store.inspect(request);
			const [step] = steps as readonly [PlannedStep];
			const detail = after ? `it is ${after.state} now` : 'nothing is remembered of it now';
			return {
				summary: `${step.subject}: ${detail}`,
				steps: [{ ...step, outcome: 'done', detail }],
			};
		},
	};
}

function stepOf(
	{ kind, name, key, action }: OverrideRequest,
	now: string | undefined,
): PlannedStep {
	const subject =
		key === '' ? `${kind} ${quoted(name)}` : `${kind} ${quoted(name)} for key ${quoted(key)}`;
	const state = now ? `it is ${now} now` : 'nothing is remembered of it yet';
	return { action, subject, reason: `${state}; ${EFFECT[action]}` };
}

const unfit = ({ kind, action }: OverrideRequest): UnfitActionError =>
	new UnfitActionError(
		`A ${kind} cannot be told to ${action}`,
		'Use reset; open, close and isolate are for circuit breakers',
	);
