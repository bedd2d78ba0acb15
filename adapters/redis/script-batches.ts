import type { Argument, Reply, ScriptRunner } from './script-runner';

/** Most requests that one call of a script carries: it keeps the server from others for less than a millisecond. */
const MOST_TOGETHER = 16;

/** What a batch answers for a request that failed. */
const FAILED = -1;

interface ScriptRequest {
	/** Requests of one tag have their keys on one node of a cluster. */
	readonly tag: string;
	readonly call: string;
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
	 * @param call what is asked, apart from what differs from one request to the next: see lua/includes/guards.lua
	 * @throws {StoreError}
	 */
	run(
		tag: string,
		call: string,
		keys: readonly string[],
		args: readonly Argument[],
	): Promise<Reply> {
		return new Promise((resolve, reject) => {
			// Runs after all that is about to go on with the answers that have just come.
			if (this.pending.length === 0) process.nextTick(this.flush);
			this.pending.push({ tag, call, keys, args, resolve, reject });
		});
	}

	private sendAll(): void {
		const { pending } = this;
		this.pending = [];
		const first = pending[0]!;
		if (pending.every(({ tag }) => tag === first.tag)) return this.sendTagged(pending);
		for (const requests of Map.groupBy(pending, ({ tag }) => tag).values())
			this.sendTagged(requests);
	}

	private sendTagged(requests: readonly ScriptRequest[]): void {
		for (let start = 0; start < requests.length; start += MOST_TOGETHER) {
			this.sendTogether(requests.slice(start, start + MOST_TOGETHER));
		}
	}

	private sendTogether(requests: readonly ScriptRequest[]): void {
		const allKeys: string[] = [];
		const allArgs: Argument[] = [this.testTime()];
		let before: string | undefined;
		let countAt = 0;
		for (const { call, keys, args } of requests) {
			if (call !== before) countAt = allArgs.push(call, 0) - 1;
			before = call;
			allArgs[countAt] = Number(allArgs[countAt]) + 1;
			allKeys.push(...keys);
			allArgs.push(...args);
		}
		this.runner.run('batch', allKeys, allArgs).then(
			(replies) => {
				requests.forEach((request, index) => {
					const reply = (replies as readonly Reply[])[index]!;
					if (reply === FAILED) this.sendTogether([request]);
					else request.resolve(reply);
				});
			},
			(error: unknown) => {
				for (const { reject } of requests) reject(error);
			},
		);
	}
}
