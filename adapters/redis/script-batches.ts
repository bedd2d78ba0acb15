import type { CommandName } from './library';
import type { Argument, Reply, ScriptRunner } from './script-runner';

/** Most requests that one call of a script carries: it keeps the server from others for less than a millisecond. */
const MOST_TOGETHER = 16;

/** What a batch answers for a request that failed. */
const FAILED = -1;

interface ScriptRequest {
	/** Requests of one tag have their keys on one node of a cluster. */
	readonly tag: string;
	readonly name: CommandName;
	readonly keys: readonly string[];
	readonly args: readonly Argument[];
	resolve(reply: Reply | Promise<Reply>): void;
	reject(reason: unknown): void;
}

/**
 * Sends requests that are made in one turn of the event loop together, because a call of a script costs both sides about
 * as much as the work it does. A request waits for nothing: what is sent is what there is when the turn ends.
 */
export class ScriptBatches {
	private pending: ScriptRequest[] = [];
	private readonly flush = (): void => this.sendAll();

	constructor(
		private readonly runner: ScriptRunner,
		/** A test's clock in ms, or ''. */
		private readonly testTime: () => Argument,
	) {}

	/**
	 * @param args without the clock that each command's begin with
	 * @throws {StoreError}
	 */
	run(
		tag: string,
		name: CommandName,
		keys: readonly string[],
		args: readonly Argument[],
	): Promise<Reply> {
		return new Promise((resolve, reject) => {
			// Runs after all that is about to go on with the answers that have just come.
			if (this.pending.length === 0) process.nextTick(this.flush);
			this.pending.push({ tag, name, keys, args, resolve, reject });
		});
	}

	private sendAll(): void {
		const { pending } = this;
		this.pending = [];
		const first = pending[0]!;
		if (pending.length === 1) return this.sendAlone(first);
		if (pending.every(({ tag }) => tag === first.tag)) return this.sendTagged(pending);
		for (const requests of Map.groupBy(pending, ({ tag }) => tag).values())
			this.sendTagged(requests);
	}

	private sendTagged(requests: readonly ScriptRequest[]): void {
		for (let start = 0; start < requests.length; start += MOST_TOGETHER) {
			const together = requests.slice(start, start + MOST_TOGETHER);
			if (together.length === 1) this.sendAlone(together[0]!);
			else this.sendTogether(together);
		}
	}

	private sendAlone({ name, keys, args, resolve }: ScriptRequest): void {
		resolve(this.runner.run(name, keys, [this.testTime(), ...args]));
	}

	private sendTogether(requests: readonly ScriptRequest[]): void {
		const allKeys: string[] = [];
		const allArgs: Argument[] = [this.testTime()];
		for (const { name, keys, args } of requests) {
			allKeys.push(...keys);
			allArgs.push(name, `${keys.length} ${args.length}`, ...args);
		}
		this.runner.run('batch', allKeys, allArgs).then(
			(replies) => {
				requests.forEach((request, index) => {
					const reply = (replies as readonly Reply[])[index]!;
					if (reply === FAILED) this.sendAlone(request);
					else request.resolve(reply);
				});
			},
			(error: unknown) => {
				for (const { reject } of requests) reject(error);
			},
		);
	}
}
