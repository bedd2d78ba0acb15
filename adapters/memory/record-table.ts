import type { Outcome } from '../../core/outcome';
import type { Inspected, RecordMachine } from '../../core/policies/machine';
import type { AdmitRequest, Guard } from '../../core/ports';
import { KeyMap } from './key-map';
import type { PolicyTable } from './policy-table';

const NOT_MADE: Outcome = { kind: 'ignored', latencyMs: 0 };

/** The states of a record machine, by key. */
export class RecordTable<State, Options> implements PolicyTable {
	private readonly states = new KeyMap<State>();
	/** What sweeps go by: one name may be used with several options, and no state may leave too early for any. */
	private lasting: Options;

	constructor(
		private readonly machine: RecordMachine<State, Options>,
		/** Those of the last call. */
		private options: Options,
	) {
		this.lasting = options;
	}

	get size(): number {
		return this.states.size;
	}

	find(key: string): State | undefined {
		return this.states.get(key);
	}

	findOrCreate(key: string, options: Options, now: number): State {
		this.options = options;
		this.heed(options);
		let state = this.states.get(key);
		if (state === undefined) {
			state = this.machine.create(now);
			this.states.set(key, state);
		}
		return state;
	}

	judge(guard: Guard, request: AdmitRequest, now: number): number {
		const options = guard.policy.options as Options;
		this.heed(options);
		const state = this.states.get(guard.key);
		if (state === undefined) return 0;
		return this.machine.judge(state, options, now, {
			permitId: request.permitId,
			priority: guard.priority,
		});
	}

	take(guard: Guard, request: AdmitRequest, now: number): number {
		const options = guard.policy.options as Options;
		const state = this.findOrCreate(guard.key, options, now);
		const call = { permitId: request.permitId, priority: guard.priority };
		return this.machine.take(state, options, now, call, now + request.leaseMs);
	}

	passToken({ key, policy }: Guard): number | undefined {
		const options = policy.options as Options;
		this.heed(options);
		const state = this.states.get(key);
		return state && this.machine.passToken?.(state, options);
	}

	isLeased(key: string): boolean {
		const state = this.states.get(key);
		return state !== undefined && this.machine.isLeased(state);
	}

	settle(guard: Guard, permitId: string, token: number, outcome: Outcome, now: number): boolean {
		const options = guard.policy.options as Options;
		this.heed(options);
		const known = this.states.get(guard.key);
		const state = known ?? this.machine.create(now);
		const held = this.machine.settle(state, options, now, permitId, token, outcome);
		// A state that became idle during the call starts afresh when there is something to remember.
		if (held && known === undefined) this.states.set(guard.key, state);
		return held;
	}

	refund(guard: Guard, permitId: string, token: number, _takenAt: number, now: number): void {
		this.settle(guard, permitId, token, NOT_MADE, now);
	}

	extend(guard: Guard, permitId: string, token: number, leaseUntil: number, now: number): boolean {
		const options = guard.policy.options as Options;
		this.heed(options);
		const state = this.states.get(guard.key) ?? this.machine.create(now);
		return this.machine.extend(state, options, now, permitId, token, leaseUntil);
	}

	inspect(key: string, now: number): Inspected | undefined {
		const state = this.states.get(key);
		if (state === undefined || this.machine.idleAt(state, this.options, now) <= now)
			return undefined;
		return this.machine.inspect(state, this.options, now);
	}

	keys(): Iterable<string> {
		return this.states.keys();
	}

	forget(key: string): void {
		this.states.delete(key);
	}

	sweep(now: number, count: number): number {
		return this.states.sweep(
			count,
			(state) => this.machine.idleAt(state, this.lasting, now) <= now,
		);
	}

	private heed(options: Options): void {
		if (options === this.lasting) return;
		this.lasting = this.machine.lastingOptions?.(this.lasting, options) ?? this.lasting;
	}
}
