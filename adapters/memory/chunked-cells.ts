const CHUNK_BITS = 10;
const RECORDS_PER_CHUNK = 1 << CHUNK_BITS;
const FIRST_RECORDS = 16;

/**
 * Records of a few numbers each, side by side in typed arrays. It grows by chunks, so that growing copies little;
 * only the first begins small and doubles, because most policies have few keys.
 */
export class ChunkedCells {
	private readonly chunks: Float64Array[] = [];

	constructor(private readonly recordSize: number) {}

	/** Makes place for a record; those below it have theirs already. An array got before is no longer to be used. */
	reserve(record: number): void {
		const { chunks, recordSize } = this;
		const chunk = chunks[record >>> CHUNK_BITS];
		if (chunk && this.offsetOf(record) < chunk.length) return;
		if (chunk) {
			chunks[0] = new Float64Array(chunk.length * 2);
			chunks[0].set(chunk);
		} else {
			const records = chunks.length === 0 ? FIRST_RECORDS : RECORDS_PER_CHUNK;
			chunks.push(new Float64Array(records * recordSize));
		}
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
