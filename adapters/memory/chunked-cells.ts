const FIRST_CHUNK = 16;
const LARGEST_CHUNK = 1_024;
/** Chunks of 16, 32, ..., 512 records come before those of full size, and hold this many records together. */
const GROWING_CHUNKS = Math.log2(LARGEST_CHUNK / FIRST_CHUNK);
const RECORDS_IN_GROWING_CHUNKS = LARGEST_CHUNK - FIRST_CHUNK;

/**
 * Records of a few numbers each, side by side in typed arrays. It grows by chunks, so that growing copies nothing,
 * and begins with small ones, because most policies have few keys.
 */
export class ChunkedCells {
	private readonly chunks: Float64Array[] = [];

	constructor(private readonly recordSize: number) {}

	/** The array that a record lies in; it is made when it is not there yet. */
	chunkOf(record: number): Float64Array {
		const chunk = chunkNumber(record);
		while (this.chunks.length <= chunk) {
			const records = Math.min(LARGEST_CHUNK, FIRST_CHUNK * 2 ** this.chunks.length);
			this.chunks.push(new Float64Array(records * this.recordSize));
		}
		return this.chunks[chunk]!;
	}

	/** Where in its array a record begins. */
	offsetOf(record: number): number {
		const place =
			record < RECORDS_IN_GROWING_CHUNKS
				? record - FIRST_CHUNK * (2 ** chunkNumber(record) - 1)
				: (record - RECORDS_IN_GROWING_CHUNKS) % LARGEST_CHUNK;
		return place * this.recordSize;
	}
}

const chunkNumber = (record: number): number =>
	record < RECORDS_IN_GROWING_CHUNKS
		? 31 - Math.clz32(Math.floor(record / FIRST_CHUNK) + 1)
		: GROWING_CHUNKS + Math.floor((record - RECORDS_IN_GROWING_CHUNKS) / LARGEST_CHUNK);
