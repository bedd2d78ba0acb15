import type { IExecuteFunctions } from 'n8n-workflow';

import type { PolicyDefinition, PolicyKind } from '../../core/ports';

/** What looking up a named policy came to. */
export type LookUp =
	| { readonly status: 'found'; readonly policy: PolicyDefinition }
	| { readonly status: 'unknown'; readonly near: readonly string[] }
	| { readonly status: 'failed'; readonly reason: string };

/** The named policies of one run of a step. */
export class LoadedPolicies {
	private static readonly byContext = new WeakMap<IExecuteFunctions, LoadedPolicies>();
	private static readonly named = new WeakSet<PolicyDefinition>();

	private readonly found = new Map<string, LookUp>();

	static of(context: IExecuteFunctions): LoadedPolicies {
		let loaded = this.byContext.get(context);
		if (!loaded) this.byContext.set(context, (loaded = new LoadedPolicies()));
		return loaded;
	}

	/** Whether a policy came from the registry, so that who uses it does not define it. */
	static isNamed(policy: PolicyDefinition): boolean {
		return this.named.has(policy);
	}

	set(kind: PolicyKind, name: string, result: LookUp): void {
		if (result.status === 'found') LoadedPolicies.named.add(result.policy);
		this.found.set(JSON.stringify([kind, name]), result);
	}

	get(kind: PolicyKind, name: string): LookUp {
		return this.found.get(JSON.stringify([kind, name])) ?? { status: 'unknown', near: [] };
	}
}
