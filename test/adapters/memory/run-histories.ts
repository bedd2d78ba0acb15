import assert from 'node:assert/strict';

import fc from 'fast-check';

import type {
	Awaitable,
	BeginRequest,
	Ending,
	Holding,
	IdempotencyStore,
	Run,
	RunAddress,
	RunAnswer,
	RunEnd,
} from '../../../core/ports';
import type { FakeClock } from '../../support/fake-clock';

/** Addresses that a careless name for them would mix up. */
const ADDRESSES: readonly RunAddress[] = [
	{ name: 'pay', key: '1' },
	{ name: 'pay', key: '1:waiting' },
	{ name: 'pay:1', key: 'waiting' },
];

/** What a store is asked. */
type RunStep =
	| ({
			readonly do: 'begin';
			readonly address: number;
			readonly isSentTwice: boolean;
	  } & Pick<BeginRequest, 'whenRunning' | 'whenFailed' | 'leaseMs' | 'resultTtlMs'>)
	/** A request that found the work running asks again. */
	| { readonly do: 'again'; readonly which: number }
	| {
			readonly do: 'end';
			readonly which: number;
			readonly state: RunEnd['state'];
			readonly characters: number;
			readonly isSentTwice: boolean;
	  }
	| { readonly do: 'extend'; readonly which: number; readonly leaseMs: number }
	/** An end with a token that the store never gave to a run that is this far from the latest. */
	| { readonly do: 'forge'; readonly which: number; readonly by: number }
	| { readonly do: 'forget'; readonly address: number }
	| { readonly do: 'wait'; readonly ms: number };

const which = fc.nat({ max: 4 });
const address = fc.nat({ max: ADDRESSES.length - 1 });

export const runStep: fc.Arbitrary<RunStep> = fc.oneof(
	{
		weight: 10,
		arbitrary: fc.record({
			do: fc.constant('begin' as const),
			address,
			isSentTwice: fc.boolean(),
			whenRunning: fc.constantFrom('wait' as const, 'reject' as const),
			whenFailed: fc.constantFrom('run-again' as const, 'return' as const),
			leaseMs: fc.constantFrom(1, 100, 400),
			resultTtlMs: fc.constantFrom(300, 1_000),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ do: fc.constant('again' as const), which }) },
	{
		weight: 6,
		arbitrary: fc.record({
			do: fc.constant('end' as const),
			which,
			state: fc.constantFrom(
				'done' as const,
				'done' as const,
				'unkept' as const,
				'failed' as const,
			),
			// A large one comes apart from the answer.
			characters: fc.nat({ max: 9 }).map((one) => (one === 9 ? 33_000 : 0)),
			isSentTwice: fc.boolean(),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			do: fc.constant('extend' as const),
			which,
			leaseMs: fc.constantFrom(0, 50, 400),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			do: fc.constant('forge' as const),
			which,
			by: fc.constantFrom(-1, 1),
		}),
	},
	{ weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), address }) },
	{
		weight: 6,
		arbitrary: fc.record({
			do: fc.constant('wait' as const),
			ms: fc.constantFrom(0, 1, 49, 50, 99, 100, 300, 999, 2_000),
		}),
	},
);

/** An end that no other run has. */
const endAs = (state: RunEnd['state'], id: string, characters = 0): RunEnd =>
	state === 'done'
		? { state, resultJson: JSON.stringify({ id, text: 'Grüße, "\u0000"'.padEnd(characters) }) }
		: ({ state, failure: { message: `${state} ${id}`, code: 'E', remedy: 'none' } } as RunEnd);

/** Of one piece of work: what must be true of it after the answers given so far. */
interface Known {
	/** The run that began last, and until when its lease holds. */
	run?: Run;
	leaseUntil: number;
	resultTtlMs: number;
	ended?: { readonly end: RunEnd; readonly at: number };
	/** Tokens grow for ever, also over what is forgotten. */
	highestToken: number;
}

/**
 * Asserts what must hold of a store's answers, whatever is inside: one owner at a time, whose tokens grow; only its end
 * is noted; what was noted is answered unchanged until its time is over.
 */
class RunRules {
	private readonly known = ADDRESSES.map((): Known => ({
		leaseUntil: 0,
		resultTtlMs: 0,
		highestToken: 0,
	}));

	began(at: number, request: BeginRequest, answer: RunAnswer, now: number): void {
		const known = this.known[at]!;
		const { run, ended } = known;
		const isEnded = ended !== undefined && now < ended.at + known.resultTtlMs;
		const isOwned = run !== undefined && !ended && now < known.leaseUntil;
		switch (answer.status) {
			case 'started':
				assert.equal(answer.run.id, request.runId);
				// The same request again.
				if (isOwned && run.id === request.runId) return assert.deepEqual(answer.run, run);
				assert(!isOwned, 'two owners at a time');
				assert(!isEnded || (ended.end.state === 'failed' && request.whenFailed === 'run-again'));
				assert(answer.run.token > known.highestToken, 'a token that is not above all before it');
				assert.equal(
					answer.isTakenOver,
					run !== undefined && !ended && now < known.leaseUntil + known.resultTtlMs,
				);
				known.highestToken = answer.run.token;
				known.run = answer.run;
				known.leaseUntil = now + request.leaseMs;
				known.resultTtlMs = request.resultTtlMs;
				known.ended = undefined;
				break;
			case 'running':
				assert(isOwned && run.id !== request.runId);
				assert.equal(answer.leaseLeftMs, known.leaseUntil - now);
				break;
			case 'ended':
				assert(isEnded);
				assert.deepEqual(answer.end, ended.end);
				assert.equal(answer.ageMs, now - ended.at);
				break;
			case 'unreachable':
				assert.fail('nothing is out of reach here');
		}
	}

	extended(at: number, run: Run, leaseMs: number, holding: Holding, now: number): void {
		const known = this.known[at]!;
		const isCurrent = this.isKnown(known, run, now) && !known.ended;
		assert.equal(holding, isCurrent ? 'held' : 'lost');
		if (isCurrent) known.leaseUntil = now + leaseMs;
	}

	ended(at: number, run: Run, end: RunEnd, ending: Ending, now: number): void {
		const known = this.known[at]!;
		if (this.isKnown(known, run, now)) {
			assert.equal(ending, 'noted');
			known.ended ??= { end, at: now };
		} else if (ending !== 'unknown') {
			assert.equal(ending, 'taken-over');
			assert(known.highestToken > run.token);
		} else {
			// Nothing is remembered, or nothing as new as this.
			assert(
				known.run === undefined || !this.isRemembered(known, now) || known.run.token < run.token,
			);
		}
	}

	forgotten(at: number): void {
		const known = this.known[at]!;
		known.run = undefined;
		known.ended = undefined;
	}

	private isKnown(known: Known, run: Run, now: number): boolean {
		return known.run?.token === run.token && this.isRemembered(known, now);
	}

	private isRemembered({ ended, leaseUntil, resultTtlMs }: Known, now: number): boolean {
		return now < (ended?.at ?? leaseUntil) + resultTtlMs;
	}
}

/** Asks all stores the same, step by step: their answers must be equal and keep the rules. */
export class RunHistory {
	private readonly rules = new RunRules();
	private readonly runs: Array<readonly [address: number, Run]> = [];
	private readonly waiting: Array<readonly [address: number, BeginRequest]> = [];

	constructor(
		private readonly clock: FakeClock,
		private readonly stores: readonly IdempotencyStore[],
	) {}

	async play(steps: readonly RunStep[]): Promise<void> {
		for (const [index, step] of steps.entries()) {
			await this.take(step, index);
			if (index % 10 === 0) await this.compareStates();
		}
		await this.compareStates();
	}

	private async take(step: RunStep, index: number): Promise<void> {
		switch (step.do) {
			case 'begin': {
				const { address: at, isSentTwice, whenRunning, whenFailed, leaseMs, resultTtlMs } = step;
				const options = { whenRunning, whenFailed, leaseMs, resultTtlMs };
				const request = { runId: `me:${index}`, ...ADDRESSES[at]!, ...options };
				await this.begin(at, request);
				if (isSentTwice) await this.begin(at, request);
				break;
			}
			case 'again': {
				const [at, request] = latest(this.waiting, step.which) ?? [];
				if (request) await this.begin(at!, request);
				break;
			}
			case 'end': {
				const [at, run] = latest(this.runs, step.which) ?? [];
				if (!run) break;
				const end = endAs(step.state, run.id, step.characters);
				await this.end(at!, run, end);
				if (step.isSentTwice) await this.end(at!, run, end);
				break;
			}
			case 'extend': {
				const [at, run] = latest(this.runs, step.which) ?? [];
				if (!run) break;
				const holding = await this.ask((store) => store.extend(run, step.leaseMs));
				this.rules.extended(at!, run, step.leaseMs, holding, this.clock.now());
				break;
			}
			case 'forge': {
				const [at, run] = latest(this.runs, step.which) ?? [];
				if (!run) break;
				const forged = { ...run, token: run.token + step.by };
				const isForged = this.runs.every(([, { token }]) => token !== forged.token);
				if (isForged) await this.end(at!, forged, endAs('done', 'forged'));
				break;
			}
			case 'forget':
				await this.ask((store) => store.forget(ADDRESSES[step.address]!));
				this.rules.forgotten(step.address);
				break;
			case 'wait':
				this.clock.advance(step.ms);
		}
	}

	private async begin(at: number, request: BeginRequest): Promise<void> {
		const answer = await this.ask((store) => store.begin(request));
		this.rules.began(at, request, answer, this.clock.now());
		if (answer.status === 'started') this.runs.push([at, answer.run]);
		if (answer.status === 'running') this.waiting.push([at, request]);
	}

	private async end(at: number, run: Run, end: RunEnd): Promise<void> {
		const ending = await this.ask((store) => store.end(run, end));
		this.rules.ended(at, run, end, ending, this.clock.now());
	}

	private async compareStates(): Promise<void> {
		for (const address of ADDRESSES) await this.ask((store) => store.inspect(address));
	}

	/** The answer of all. */
	private async ask<T>(question: (store: IdempotencyStore) => Awaitable<T>): Promise<T> {
		const [answer, ...others] = await Promise.all(this.stores.map(question));
		for (const other of others) assert.deepEqual(other, answer);
		return answer as T;
	}
}

const latest = <T>(list: readonly T[], which: number): T | undefined =>
	list[list.length - 1 - which];
