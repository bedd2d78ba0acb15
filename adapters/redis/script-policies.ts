import type { PolicyDefinition } from '../../core/ports';
import { machineOptions } from './machine-options';
import type { StateKeys } from './state-keys';

/** What calls of scripts need of a policy. */
export interface ScriptPolicy {
	/** Its kind and its machine's options, as JSON. */
	readonly json: string;
	/** The names of a state's keys are this, the key, well-formed, and a suffix each. */
	readonly stateBase: string;
	readonly suffixes: readonly string[];
	/** The names of the keys of marks begin with this. */
	readonly markBase: string;
	/** A fixed time-out is the same for every call, so no script needs to know it. */
	readonly isKept: boolean;
	/** Whether it must be told how a call ended. */
	readonly isSettled: boolean;
	/** Whether a call may hold something of it. */
	readonly isHeld: boolean;
	readonly isBulkhead: boolean;
	/** Whether a call may get a place in its queue. */
	readonly mayQueue: boolean;
}

/** Works out once for each policy what all its calls need. */
export class ScriptPolicies {
	private readonly known = new WeakMap<PolicyDefinition, ScriptPolicy>();

	constructor(private readonly keys: StateKeys) {}

	of(policy: PolicyDefinition): ScriptPolicy {
		let made = this.known.get(policy);
		if (!made) {
			made = this.make(policy);
			this.known.set(policy, made);
		}
		return made;
	}

	private make(policy: PolicyDefinition): ScriptPolicy {
		const { keys } = this;
		const isKept = policy.kind !== 'timeout' || policy.options.strategy === 'adaptive';
		return {
			json: machineOptions(policy, keys.wakeChannel),
			stateBase: keys.stateBase(policy),
			suffixes: keys.suffixes(policy),
			markBase: keys.markBase(policy.name),
			isKept,
			isSettled:
				policy.kind === 'rate-limiter'
					? policy.options.adaptive
					: policy.kind !== 'retry-budget' && isKept,
			isHeld: policy.kind === 'circuit-breaker' || policy.kind === 'bulkhead',
			isBulkhead: policy.kind === 'bulkhead',
			mayQueue: policy.kind === 'bulkhead' && policy.options.maxWaitDurationMs > 0,
		};
	}
}
