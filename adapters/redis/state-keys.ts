import type { PolicyAddress, PolicyDefinition, PolicyKind, RunAddress } from '../../core/ports';
import { asGiven, wellFormed } from './well-formed';

/**
 * A state of a record machine needs more than one key. None of its endings ends another one, so that no two states share
 * a key, whatever users call them.
 */
const SUFFIXES: Readonly<Record<PolicyDefinition['kind'], readonly string[]>> = {
	'circuit-breaker': [':state', ':calls', ':probes'],
	'breaker-quorum': [''],
	bulkhead: [':holders', ':queue', ':tickets', ':limit'],
	'rate-limiter': [''],
	'retry-budget': [''],
	timeout: [''],
};

/** What follows `policyBase` in the name of a state's key: a name, a kind with its shape, and a key with a suffix. */
const STATE_NAME =
	/^([^}]*)\}:(circuit-breaker|breaker-quorum|bulkhead|(?:rate-limiter:[^:]*|retry-budget|timeout):[^:]*):(.*)$/s;

/**
 * Names of keys. All states of policies of one name share a hash tag, so that on a cluster they lie on one node and one
 * script can judge them together.
 */
export class StateKeys {
	constructor(
		/** Comes before every key. A hash tag in it, such as `{bulwark}:`, puts everything on one node. */
		readonly prefix: string,
	) {}

	/** The names of a state's keys begin with this and the key, well-formed. */
	stateBase(policy: PolicyDefinition): string {
		return `${this.tagged(policy.name)}:${stateKind(policy)}:`;
	}

	/** They end with these, in the order in which its machine's include lists them. */
	suffixes({ kind }: PolicyDefinition): readonly string[] {
		return SUFFIXES[kind];
	}

	/** Who holds slots of a bulkhead. */
	ofHolders(policy: PolicyDefinition & { readonly kind: 'bulkhead' }, key: string): string {
		return `${this.stateBase(policy)}${wellFormed(key)}${SUFFIXES.bulkhead[0]!}`;
	}

	/** All that lies with the states of any policy begins with this. */
	get policyBase(): string {
		return `${this.prefix}{p:`;
	}

	/** Whose state a key of the server belongs to; undefined of one that is of no state. */
	addressIn(name: string): PolicyAddress | undefined {
		const found = STATE_NAME.exec(name.slice(this.policyBase.length));
		if (!found) return undefined;
		const [, tag, shape, rest] = found as unknown as [string, string, string, string];
		const kind = shape.split(':', 1)[0] as PolicyKind;
		const policyName = asGiven(tag.replace(/%(7B|7D|25)/g, decodeURIComponent));
		return { kind, name: policyName, key: this.keyIn(rest, kind) };
	}

	/** The key under which a state is, of what follows its base in the name of one of its keys. */
	keyIn(rest: string, kind: PolicyKind): string {
		const suffix = SUFFIXES[kind].find((end) => end !== '' && rest.endsWith(end));
		return asGiven(suffix === undefined ? rest : rest.slice(0, -suffix.length));
	}

	/** What remembers that a request was carried out, so that it is not when it comes again, is this and its id. */
	markBase(policyName: string): string {
		return `${this.tagged(policyName)}:mark:`;
	}

	/** How the policy was last used. */
	ofUse({ kind, name }: Pick<PolicyAddress, 'kind' | 'name'>): string {
		return `${this.tagged(name)}:policy:${kind}`;
	}

	/** How places define the policy. */
	ofDefinitions(kind: PolicyKind, name: string): string {
		return `${this.tagged(name)}:definitions:${kind}`;
	}

	/** Which policies are defined. */
	get definedPolicies(): string {
		return `${this.prefix}policies`;
	}

	/** Which states turned calls away lately. */
	get turnedAway(): string {
		return `${this.prefix}turned-away`;
	}

	/** A fallback's last good result. */
	ofResult(key: string): string {
		return `${this.prefix}result:${key}`;
	}

	/**
	 * The record of a piece of work, and who waits for its end. They have a hash tag of their own, because nothing is
	 * judged together with them: so a cluster shares out the keys of one step.
	 */
	ofRun({ name, key }: RunAddress): [record: string, waiting: string] {
		const record = `${this.prefix}{r:${escaped(name)}:${escaped(key)}}`;
		return [record, `${record}:waiting`];
	}

	/** The same for requests about a piece of work. */
	markBaseOfRun(address: RunAddress): string {
		return `${this.ofRun(address)[0]}:mark:`;
	}

	/** By what a cluster chooses the node for the states of policies of a name, and their marks. */
	hashTag(policyName: string): string {
		return /^[^{]*\{([^}]*)\}/.exec(this.tagged(policyName))![1]!;
	}

	/** A plan that can be applied, and the same plan from then on. */
	ofPlan(id: string): [unused: string, used: string] {
		const unused = `${this.prefix}{plan:${escaped(id)}}`;
		return [unused, `${unused}:used`];
	}

	/** Attempts to bring an execution back. */
	ofRecoveries(executionId: string): string {
		return `${this.prefix}{recovery:${escaped(executionId)}}`;
	}

	/** Which attempts there are, by when they were begun. */
	get recoveries(): string {
		return `${this.prefix}recoveries`;
	}

	/** Processes listen at this plus their own id. */
	get wakeChannel(): string {
		return `${this.prefix}wake:`;
	}

	private tagged(name: string): string {
		// An empty tag would be none, and a brace would end it early.
		return `${this.policyBase}${wellFormed(name).replace(/[{}%]/g, encodeURIComponent)}}`;
	}
}

/**
 * No two texts give the same, also when a colon and another such text follow. Half a character is none in UTF-8, where
 * all of them would look alike.
 */
const escaped = (text: string): string =>
	text.replace(/[{}%:]|\p{Surrogate}/gu, (found) => `%${found.charCodeAt(0).toString(16)};`);

/** A limiter of another shape counts in other units, so its state is another. */
function stateKind({ kind, options }: PolicyDefinition): string {
	switch (kind) {
		case 'rate-limiter':
			return `${kind}:${options.adaptive ? 'adaptive-' : ''}${options.algorithm}:${options.periodMs}`;
		case 'retry-budget':
			return `${kind}:${options.ttlMs}`;
		case 'timeout':
			return `${kind}:${options.windowMs}`;
		default:
			return kind;
	}
}
