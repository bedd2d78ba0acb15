import type { CellMachine } from '../../core/policies/machine';
import type { AdmitRequest, Guard } from '../../core/ports';
import { MapCursor } from './map-cursor';
import type { PolicyTable } from './policy-table';

const RECORDS_PER_CHUNK = 1_024;

/**
 * The states of a cell machine, by key. Their numbers lie side by side in typed arrays, so that a limiter's key
 * costs less than 100 bytes, and in chunks, so that growing copies nothing.
 */
export class CellTable<Options> implements PolicyTable {
	private readonly slots = new Map<string, number>();
	private readonly chunks: Float64Array[] = [];
	private readonly freed: number[] = [];
	private readonly blank: Float64Array;
	private readonly cursor = new MapCursor(this.slots);

	constructor(
		private readonly machine: CellMachine<Options>,
		/** Those of the last call. */
		private options: Options,
	) {
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
		return this.machine.judge(this.chunkOf(slot), this.offsetOf(slot), options, now, {
			weight,
			attempt,
		});
	}

	take({ key, policy, weight }: Guard, { attempt }: AdmitRequest, now: number): number {
		this.options = policy.options as Options;
		let slot = this.slots.get(key);
		if (slot === undefined) {
			slot = this.allocate();
			this.slots.set(key, slot);
		}
		this.machine.take(this.chunkOf(slot), this.offsetOf(slot), this.options, now, {
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
		const chunk = this.chunkOf(slot);
		const offset = this.offsetOf(slot);
		if (this.machine.idleAt(chunk, offset, this.options) <= now) return undefined;
		return { state: 'active', figures: this.machine.inspect(chunk, offset, this.options, now) };
	}

	forget(key: string): void {
		const slot = this.slots.get(key);
		if (slot === undefined) return;
		this.chunkOf(slot).fill(0, this.offsetOf(slot), this.offsetOf(slot) + this.machine.size);
		this.slots.delete(key);
		this.freed.push(slot);
	}

	sweep(now: number, count: number): void {
		this.cursor.visit(count, (key, slot) => {
			if (this.machine.idleAt(this.chunkOf(slot), this.offsetOf(slot), this.options) <= now)
				this.forget(key);
		});
	}

	private allocate(): number {
		const slot = this.freed.pop() ?? this.slots.size;
		if (slot >= this.chunks.length * RECORDS_PER_CHUNK) {
			this.chunks.push(new Float64Array(RECORDS_PER_CHUNK * this.machine.size));
		}
		return slot;
	}

	private chunkOf(slot: number): Float64Array {
		return this.chunks[Math.floor(slot / RECORDS_PER_CHUNK)]!;
	}

	private offsetOf(slot: number): number {
		return (slot % RECORDS_PER_CHUNK) * this.machine.size;
	}
}
