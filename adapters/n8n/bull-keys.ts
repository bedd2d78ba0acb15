/** The queue of those jobs that go to no worker pool of their own. */
const DEFAULT_QUEUE = 'jobs';

const COUNTER = ':id';

/** Names of Bull's keys, as n8n has them. */
export class BullKeys {
	private readonly prefix: string;

	/** @param isCluster whether n8n puts all keys of the queue into one slot. */
	constructor(prefix: string, isCluster: boolean) {
		this.prefix = bullPrefix(prefix, isCluster);
	}

	/** @param pool name of the worker pool; empty for the default one. */
	of(pool: string, name: string): string {
		return `${this.prefix}:${pool === '' ? DEFAULT_QUEUE : `${DEFAULT_QUEUE}-${pool}`}:${name}`;
	}

	/** A pattern of the keys by which Bull counts the jobs of each pool but the default one. */
	get countersOfPools(): string {
		return `${this.ofPools.replace(/[*?[\]\\]/g, '\\$&')}*${COUNTER}`;
	}

	/** @param key one that is like {@link countersOfPools}. */
	poolCountedBy(key: string): string {
		return key.slice(this.ofPools.length, -COUNTER.length);
	}

	private get ofPools(): string {
		return `${this.prefix}:${DEFAULT_QUEUE}-`;
	}
}

/** What all keys begin with. */
export const bullPrefix = (prefix: string, isCluster: boolean): string =>
	isCluster
		? `${prefix.startsWith('{') ? '' : '{'}${prefix}${prefix.endsWith('}') ? '' : '}'}`
		: prefix;
