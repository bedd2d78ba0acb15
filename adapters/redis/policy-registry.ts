import { definePolicy, optionsSchemas } from '../../core/policies/define';
import type { PolicyAddress, PolicyDefinition } from '../../core/ports';
import type { StateKeys } from './state-keys';

/** The part of an ioredis client that the registry needs. */
export interface RegistryClient {
	set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
	get(key: string): Promise<string | null>;
}

/** How long a definition outlives its last use, and how often its use is noted. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1_000;
const NOTED_EVERY_MS = 60 * 60 * 1_000;

/** Remembers for all processes how policies were last defined, so that their states can be read by name. */
export class PolicyRegistry {
	private readonly notedAt = new WeakMap<PolicyDefinition, number>();

	constructor(
		private readonly client: RegistryClient,
		private readonly keys: StateKeys,
		private readonly now: () => number,
	) {}

	/** Notes a policy that is used. Costs nothing when it was noted lately, and never fails a call. */
	note(policy: PolicyDefinition): void {
		const now = this.now();
		const notedAt = this.notedAt.get(policy);
		if (notedAt !== undefined && now - notedAt < NOTED_EVERY_MS) return;
		this.notedAt.set(policy, now);
		const definition = JSON.stringify({ ...policy.options, voter: undefined });
		this.client
			.set(this.keys.ofDefinition(policy), definition, 'PX', KEPT_MS)
			.catch(() => this.notedAt.delete(policy));
	}

	/** The policy as it was last defined; undefined when nobody has used it lately. */
	async find({ kind, name }: PolicyAddress): Promise<PolicyDefinition | undefined> {
		const definition = await this.client.get(this.keys.ofDefinition({ kind, name }));
		if (definition === null) return undefined;
		const options = JSON.parse(definition) as Record<string, unknown>;
		const isOption = (option: string): boolean => option in optionsSchemas[kind].shape;
		// A version that is newer than this one may know further options.
		const known = Object.entries(options).filter(([option]) => isOption(option));
		return definePolicy(kind, name, Object.fromEntries(known)) as PolicyDefinition;
	}
}
