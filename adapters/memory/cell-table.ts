import type { CellMachine } from '../../core/policies/machine';
import type { AdmitRequest, Guard } from '../../core/ports';
import { ChunkedCells } from './chunked-cells';
import { MapCursor } from './map-cursor';
import type { PolicyTable } from './policy-table';

/**
 * The states of a cell machine, by key. A limiter's key costs less than 100 bytes.
 */
export class CellTable<Options> implements PolicyTable {
	private readonly slots = new Map<string, number>();
	private readonly cells: ChunkedCells;
	private readonly freed: number[] = [];
	private readonly blank: Float64Array;
	private readonly cursor = new MapCursor(this.slots);

	constructor(
		private readonly machine: CellMachine<Options>,
		/** Those of the last call. */
		private options: Options,
	) {
		this.cells = new ChunkedCells(machine.size);
		this.blank = new Float64Array(machine.size);
	}

	get size(): number {
		return this.slots.size;
	}

	judge({ key, policy, weight }: Guard, { attempt }: AdmitRequest, now: number): number {
		const options = policy.options as Options;
		const slot = this.slots.get(key);
		if (slot === undefined)
			return this.machine.judge(this.blank, 0, options, now, { weight, attempt });
		return this.machine.judge(this.cells.chunkOf(slot), this.cells.offsetOf(slot), options, now, {
			weight,
			attempt,
		});
	}

	take({ key, policy, weight }: Guard, { attempt }: AdmitRequest, now: number): number {
		this.options = policy.options as Options;
		let slot = this.slots.get(key);
		if (slot === undefined) {
			slot = this.freed.pop() ?? this.slots.size;
			this.cells.reserve(slot);
			this.slots.set(key, slot);
		}
		this.machine.take(this.cells.chunkOf(slot), this.cells.offsetOf(slot), this.options, now, {
			weight,
			attempt,
		});
		return 0;
	}

	isLeased(): boolean {
		return false;
	}

	settle(): boolean {
		return true;
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

	forget(key: string): void {
		const slot = this.slots.get(key);
		if (slot === undefined) return;
		this.cells
			.chunkOf(slot)
			.fill(0, this.cells.offsetOf(slot), this.cells.offsetOf(slot) + this.machine.size);
		this.slots.delete(key);
		this.freed.push(slot);
	}

	sweep(now: number, count: number): number {
		return this.cursor.visit(count, (key, slot) => {
			if (
				this.machine.idleAt(this.cells.chunkOf(slot), this.cells.offsetOf(slot), this.options) <=
				now
			)
				this.forget(key);
		});
	}
}
