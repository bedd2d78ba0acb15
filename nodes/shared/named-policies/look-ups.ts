import { nearNames } from '../../../core/policy-registry';
import type { PolicyKind } from '../../../core/ports';
import type { Services } from '../services';
import type { LookUp } from '../loaded-policies';

/** Looks up policies by name for one run of a step. */
export class LookUps {
	private readonly names = new Map<PolicyKind, Promise<readonly string[]>>();

	constructor(private readonly services: Pick<Services, 'registry' | 'policies'>) {}

	async of(kind: PolicyKind, name: string): Promise<LookUp> {
		try {
			const policy = await this.services.policies.find(kind, name);
			if (policy) return { status: 'found', policy };
			return { status: 'unknown', near: nearNames(name, await this.namesOf(kind)) };
		} catch (error) {
			return { status: 'failed', reason: error instanceof Error ? error.message : String(error) };
		}
	}

	/** They may be many, so they are asked for once. */
	private namesOf(kind: PolicyKind): Promise<readonly string[]> {
		const names = this.names.get(kind) ?? Promise.resolve(this.services.registry.names(kind));
		this.names.set(kind, names);
		return names;
	}
}
