import type { Outcome } from '../../core/outcome';
import type { CellMachine } from '../../core/policies/machine';
import type { AdmitRequest, Guard } from '../../core/ports';
import type { ChunkedCells } from './chunked-cells';
import { KeyMap } from './key-map';
import type { PolicyTable } from './policy-table';

/**
 * The states of a cell machine, by key. A limiter's key costs less than 100 bytes.
 */
export class CellTable<Options> implements PolicyTable {
	private readonly slots = new KeyMap<number>();
	/** What sweeps go by: one name may be used with several options, and no state may leave too early for any. */
	private lasting: Options;

	constructor(
		private readonly machine: CellMachine<Options>,
		/** Those of the last call. */
		private options: Options,
		/** Of the machine's size; other tables keep states there, too. */
		private readonly cells: ChunkedCells,
	) {
		this.lasting = options;
	}

	get size(): number {
		return this.slots.size;
	}

	judge({ key, policy, weight, priority }: Guard, { attempt }: AdmitRequest, now: number): number {
		const options = policy.options as Options;
		this.heed(options);
		const call = { weight, attempt, priority };
		const slot = this.slots.get(key);
		if (slot === undefined) return this.machine.judge(this.cells.blank, 0, options, now, call);
		const chunk = this.cells.chunkOf(slot);
		return this.machine.judge(chunk, this.cells.offsetOf(slot), options, now, call);
	}

	take({ key, policy, weight, priority }: Guard, { attempt }: AdmitRequest, now: number): number {
		this.options = policy.options as Options;
		const call = { weight, attempt, priority };
		const slot = this.slots.get(key) ?? this.add(key);
		const chunk = this.cells.chunkOf(slot);
		return this.machine.take(chunk, this.cells.offsetOf(slot), this.options, now, call);
	}

	isLeased(): boolean {
		return false;
	}

	settle(
		{ key, policy }: Guard,
		_permitId: string,
		_token: number,
		outcome: Outcome,
		now: number,
	): boolean {
		if (!this.machine.settle) return true;
		const options = policy.options as Options;
		this.heed(options);
		const slot = this.slots.get(key);
		if (slot !== undefined) {
			const chunk = this.cells.chunkOf(slot);
			this.machine.settle(chunk, this.cells.offsetOf(slot), options, now, outcome);
			return true;
		}
		// A state that became idle during the call starts afresh when there is something to remember.
		const fresh = this.cells.blank.slice();
		if (this.machine.settle(fresh, 0, options, now, outcome)) {
			const added = this.add(key);
			this.cells.chunkOf(added).set(fresh, this.cells.offsetOf(added));
		}
		return true;
	}

	refund({ key, policy, weight }: Guard, _permitId: string, token: number, takenAt: number): void {
		const slot = this.slots.get(key);
		if (slot === undefined) return;
		const options = policy.options as Options;
		const chunk = this.cells.chunkOf(slot);
		const call = { weight, token, takenAt };
		this.machine.refund(chunk, this.cells.offsetOf(slot), options, call);
	}

	extend(): boolean {
		return true;
	}

	inspect(
		key: string,
		now: number,
	): { state: string; figures: Record<string, number> } | undefined {
		const slot = this.slots.get(key);
		if (slot === undefined) return undefined;
		const chunk = this.cells.chunkOf(slot);
		const offset = this.cells.offsetOf(slot);
		if (this.machine.idleAt(chunk, offset, this.options) <= now) return undefined;
		return { state: 'active', figures: this.machine.inspect(chunk, offset, this.options, now) };
	}

	keys(): Iterable<string> {
		return this.slots.keys();
	}

	forget(key: string): void {
		const slot = this.slots.get(key);
		if (slot === undefined) return;
		this.cells.free(slot);
		this.slots.delete(key);
	}

	private heed(options: Options): void {
		if (options === this.lasting) return;
		this.lasting = this.machine.lastingOptions?.(this.lasting, options) ?? this.lasting;
	}

	/** Makes place for a fresh state. */
	private add(key: string): number {
		const slot = this.cells.add();
		this.slots.set(key, slot);
		return slot;
	}

	sweep(now: number, count: number): number {
		return this.slots.sweep(count, (slot) => {
			const chunk = this.cells.chunkOf(slot);
			const isIdle = this.machine.idleAt(chunk, this.cells.offsetOf(slot), this.lasting) <= now;
			if (isIdle) this.cells.free(slot);
			return isIdle;
		});
	}
}
