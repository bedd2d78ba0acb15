import type {
	BeginRequest,
	Clock,
	Ending,
	Holding,
	RemoteIdempotencyStore,
	ResultApart,
	Run,
	RunAddress,
	RunAnswer,
	RunEnd,
	RunSnapshot,
} from '../../core/ports';
import type { CommandName } from './library';
import { pageOf } from './mark-pages';
import type { Argument, Reply, ScriptRunner } from './script-runner';
import type { StateKeys } from './state-keys';
import type { WakeUps } from './wake-ups';

/** Who waits is noted for this long in ms, and asks again before. */
const TICKET_MS = 5_000;

export interface RedisIdempotencyStoreSettings {
	readonly runner: ScriptRunner;
	readonly keys: StateKeys;
	readonly wakeUps: WakeUps;
	readonly newRequestId: () => string;
	readonly clock: Clock;
	/** Goes by `clock` in place of the server's: for tests. */
	readonly isTimeOwn?: boolean;
}

const STARTED = 0;
const RUNNING = 1;
const DONE_APART = 3;

const ENDINGS: readonly Ending[] = ['noted', 'taken-over', 'unknown'];

/** What became of pieces of work, in Redis, for all processes that use it. Time is the server's. */
export class RedisIdempotencyStore implements RemoteIdempotencyStore {
	constructor(private readonly settings: RedisIdempotencyStoreSettings) {}

	async begin(request: BeginRequest): Promise<RunAnswer> {
		const answer = await this.ask(request);
		if (answer.status !== 'apart') return answer;
		return (await this.fetch(answer)) ?? (await this.begin(request));
	}

	async ask(request: BeginRequest): Promise<RunAnswer | ResultApart> {
		const { runId, name, key, leaseMs, resultTtlMs, whenFailed, whenRunning } = request;
		const { wakeUps } = this.settings;
		const mayWait = whenRunning === 'wait';
		if (mayWait) wakeUps.expect(runId);
		const isRunAgain = whenFailed === 'run-again' ? 1 : 0;
		const args = [runId, leaseMs, resultTtlMs, isRunAgain, mayWait ? TICKET_MS : 0];
		const reply = (await this.run('beginRun', request, args)) as readonly Reply[];
		if (mayWait && reply[0] !== RUNNING) wakeUps.forget(runId);
		switch (reply[0]) {
			case STARTED: {
				const [, token, isTakenOver] = reply as number[];
				const run: Run = { id: runId, name, key, token: token! };
				return { status: 'started', run, isTakenOver: isTakenOver === 1 };
			}
			case RUNNING:
				return { status: 'running', leaseLeftMs: reply[1] as number };
			case DONE_APART: {
				const [, ageMs, token, bytes] = reply as [number, number, number, number];
				return { status: 'apart', name, key, token, bytes, ageMs };
			}
			default: {
				const [, state, ageMs, content] = reply as [number, RunEnd['state'], number, string];
				return { status: 'ended', end: endOf(state, content), ageMs };
			}
		}
	}

	async fetch(result: ResultApart): Promise<RunAnswer | undefined> {
		const resultJson = (await this.run('fetchResult', result, [result.token])) as string | null;
		if (resultJson === null) return undefined;
		return { status: 'ended', end: { state: 'done', resultJson }, ageMs: result.ageMs };
	}

	async extend(run: Run, leaseMs: number): Promise<Holding> {
		return (await this.run('extendRun', run, [run.token, leaseMs])) === 1 ? 'held' : 'lost';
	}

	async end(run: Run, end: RunEnd): Promise<Ending> {
		const content = end.state === 'done' ? end.resultJson : JSON.stringify(end.failure);
		const { wakeChannel } = this.settings.keys;
		const reply = await this.run('endRun', run, [run.token, end.state, content, wakeChannel]);
		return ENDINGS[reply as number]!;
	}

	async awaitEnd({ runId }: BeginRequest, maxMs: number): Promise<void> {
		await this.settings.wakeUps.wait(runId, maxMs);
	}

	withdraw({ runId }: BeginRequest): void {
		this.settings.wakeUps.forget(runId);
	}

	async inspect(address: RunAddress): Promise<RunSnapshot | undefined> {
		const reply = (await this.run('inspectRun', address, [])) as readonly Reply[];
		const [state, token, ageMs] = reply as [RunSnapshot['state'] | undefined, number, number];
		if (state === undefined) return undefined;
		return { state: state === 'running' && ageMs >= 0 ? 'lapsed' : state, token, ageMs };
	}

	async forget(address: RunAddress): Promise<void> {
		const { keys, newRequestId } = this.settings;
		const requestId = newRequestId();
		const page = pageOf(keys.markBaseOfRun(address), requestId);
		await this.run('forgetRun', address, [requestId, keys.wakeChannel], [page]);
	}

	private run(
		name: CommandName,
		address: RunAddress,
		args: readonly Argument[],
		moreKeys: readonly string[] = [],
	): Promise<Reply> {
		const { runner, keys, clock, isTimeOwn } = this.settings;
		const time = isTimeOwn ? clock.now() : '';
		return runner.run(name, [...keys.ofRun(address), ...moreKeys], [time, ...args]);
	}
}

const endOf = (state: RunEnd['state'], content: string): RunEnd =>
	state === 'done'
		? { state, resultJson: content }
		: ({ state, failure: JSON.parse(content) } as RunEnd);
