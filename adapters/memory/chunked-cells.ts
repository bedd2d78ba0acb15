const CHUNK_BITS = 10;
const RECORDS_PER_CHUNK = 1 << CHUNK_BITS;
const FIRST_RECORDS = 16;

/**
 * Records of a few numbers each, side by side in typed arrays. It grows by chunks, so that growing copies little, and
 * gives chunks back that nobody uses; only the first begins small and doubles, because many need no more.
 */
export class ChunkedCells {
	/** A record that is never written to. */
	readonly blank: Float64Array;
	/** Undefined where a chunk was given back. */
	private readonly chunks: Array<Float64Array | undefined> = [];
	/** Per chunk, how many of its records are in use. */
	private readonly used: number[] = [];
	private readonly freed: number[] = [];
	private ever = 0;

	constructor(private readonly recordSize: number) {
		this.blank = new Float64Array(recordSize);
	}

	/** Makes place for a record, all 0. An array got before is no longer to be used. */
	add(): number {
		const record = this.freed.pop() ?? this.ever++;
		const number = record >>> CHUNK_BITS;
		const chunk = this.chunks[number];
		if (chunk === undefined) {
			const records = this.chunks.length === 0 ? FIRST_RECORDS : RECORDS_PER_CHUNK;
			this.chunks[number] = new Float64Array(records * this.recordSize);
		} else if (this.offsetOf(record) >= chunk.length) {
			const larger = new Float64Array(chunk.length * 2);
			larger.set(chunk);
			this.chunks[number] = larger;
		}
		this.used[number] = (this.used[number] ?? 0) + 1;
		return record;
	}

	/** Gives a record's place back. */
	free(record: number): void {
		const number = record >>> CHUNK_BITS;
		const offset = this.offsetOf(record);
		this.chunks[number]!.fill(0, offset, offset + this.recordSize);
		this.freed.push(record);
		const left = --this.used[number]!;
		// The first stays: it has places that were not asked for yet, and it is the one that is used again and again.
		if (left === 0 && number > 0) this.chunks[number] = undefined;
	}

	/** The array that a record lies in. */
	chunkOf(record: number): Float64Array {
		return this.chunks[record >>> CHUNK_BITS]!;
	}

	/** Where in its array a record begins. */
	offsetOf(record: number): number {
		return (record & (RECORDS_PER_CHUNK - 1)) * this.recordSize;
	}
}
