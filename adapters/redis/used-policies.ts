import { BulwarkError, StoreError } from '../../core/errors';
import type { PolicyAddress, PolicyDefinition } from '../../core/ports';
import { explain } from './connection/explain';
import { policyOfStored } from './policy-of-stored';
import type { StateKeys } from './state-keys';

/** The part of an ioredis client that is needed. */
interface NotingClient {
	set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
	get(key: string): Promise<string | null>;
}

/** A connection that can be waited for. */
export interface NotingConnection {
	readonly client: NotingClient;
	/** Resolves when commands can be sent. */
	ready(): Promise<void>;
}

/** How long a definition outlives its last use, and how often its use is noted. */
const KEPT_MS = 30 * 24 * 60 * 60 * 1_000;
const NOTED_EVERY_MS = 60 * 60 * 1_000;

/** Definitions that are remembered; beyond them all are noted anew. */
const MOST_REMEMBERED = 10_000;

/** Remembers for all processes with which options policies were last used, so that their states can be read by name. */
export class UsedPolicies {
	private readonly notedAt = new WeakMap<PolicyDefinition, number>();
	/** By name and what is noted: each execution of a workflow defines its policies anew. */
	private readonly notedTextAt = new Map<string, number>();

	constructor(
		private readonly connection: NotingConnection,
		private readonly keys: StateKeys,
		private readonly now: () => number,
	) {}

	/** Notes a policy that is used. Costs nothing when it was noted lately, and never fails a call. */
	note(policy: PolicyDefinition): void {
		const now = this.now();
		if (isLate(this.notedAt.get(policy), now)) this.noteText(policy, now);
	}

	private noteText(policy: PolicyDefinition, now: number): void {
		const key = this.keys.ofUse(policy);
		const definition = JSON.stringify({ ...policy.options, voter: undefined });
		const text = `${key} ${definition}`;
		const { notedTextAt } = this;
		const last = notedTextAt.get(text);
		this.notedAt.set(policy, isLate(last, now) ? now : last!);
		if (!isLate(last, now)) return;
		if (notedTextAt.size >= MOST_REMEMBERED) notedTextAt.clear();
		notedTextAt.set(text, now);
		this.connection.client.set(key, definition, 'PX', KEPT_MS).catch(() => {
			this.notedAt.delete(policy);
			notedTextAt.delete(text);
		});
	}

	/**
	 * The policy as it was last used; undefined when nobody has used it lately.
	 * @throws {StoreError}
	 */
	async find({ kind, name }: PolicyAddress): Promise<PolicyDefinition | undefined> {
		const definition = await this.read(this.keys.ofUse({ kind, name }));
		if (definition === null) return undefined;
		try {
			return policyOfStored(kind, name, JSON.parse(definition) as Record<string, unknown>);
		} catch (error) {
			throw unusable(error);
		}
	}

	private async read(key: string): Promise<string | null> {
		try {
			await this.connection.ready();
			return await this.connection.client.get(key);
		} catch (error) {
			throw explain(error);
		}
	}
}

/** Another version may have options that this one cannot go by. What is no JSON is not repeated: it may be anybody's. */
function unusable(error: unknown): StoreError {
	const reason = error instanceof BulwarkError ? error.message : 'no JSON';
	return new StoreError(
		'STORE_STATE_INVALID',
		`Redis holds something else than a definition of this version of Bulwark (${reason})`,
		'Let a step of this version use the policy, which notes it anew within an hour, or use a key prefix that nothing else writes to',
	);
}

const isLate = (notedAt: number | undefined, now: number): boolean =>
	notedAt === undefined || now - notedAt >= NOTED_EVERY_MS;
