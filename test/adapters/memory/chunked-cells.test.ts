import { ChunkedCells } from '../../../adapters/memory/chunked-cells';

const withRecords = (recordSize: number, count: number): ChunkedCells => {
	const cells = new ChunkedCells(recordSize);
	for (let record = 0; record < count; record++) cells.add();
	return cells;
};

/** How many numbers its arrays hold together. */
const sizeOf = (cells: ChunkedCells): number =>
	(cells as unknown as { chunks: Array<Float64Array | undefined> }).chunks.reduce(
		(size, chunk) => size + (chunk?.length ?? 0),
		0,
	);

describe('chunked cells', () => {
	it('gives every record a place of its own, and the same one each time', () => {
		const cells = withRecords(3, 5_000);
		const places = new Map<Float64Array, Set<number>>();
		for (let record = 0; record < 5_000; record++) {
			const chunk = cells.chunkOf(record);
			const offset = cells.offsetOf(record);
			expect(offset % 3).toBe(0);
			expect(offset + 3).toBeLessThanOrEqual(chunk.length);
			const taken = places.get(chunk) ?? new Set();
			expect(taken.has(offset)).toBe(false);
			places.set(chunk, taken.add(offset));
		}
		expect(cells.chunkOf(4_999)).toBe(cells.chunkOf(4_999));
	});

	it('keeps what records hold when it grows', () => {
		const cells = new ChunkedCells(1);
		for (let count = 0; count < 3_000; count++) {
			const record = cells.add();
			cells.chunkOf(record)[cells.offsetOf(record)] = record;
		}
		for (let record = 0; record < 3_000; record++)
			expect(cells.chunkOf(record)[cells.offsetOf(record)]).toBe(record);
	});

	it('begins small and wastes little', () => {
		expect(sizeOf(withRecords(2, 16))).toBe(2 * 16);
		expect(sizeOf(withRecords(2, 17))).toBe(2 * 32);
		expect(sizeOf(withRecords(2, 1_024))).toBe(2 * 1_024);
		expect(sizeOf(withRecords(2, 1_025))).toBe(2 * 2_048);
	});

	it('gives the places of freed records to others, with nothing in them', () => {
		const cells = withRecords(2, 100);
		cells.chunkOf(7).fill(1);
		cells.free(7);
		expect(cells.add()).toBe(7);
		const offset = cells.offsetOf(7);
		expect([...cells.chunkOf(7).subarray(offset - 1, offset + 3)]).toEqual([1, 0, 0, 1]);
		expect(cells.add()).toBe(100);
	});

	it('gives back the chunks that nobody uses', () => {
		const cells = withRecords(1, 10_000);
		for (let record = 0; record < 10_000; record++) if (record !== 5_000) cells.free(record);
		// The first, and the one in use.
		expect(sizeOf(cells)).toBe(2 * 1_024);
		const places = new Set([5_000]);
		for (let count = 0; count < 20_000; count++) {
			const record = cells.add();
			expect(cells.chunkOf(record)[cells.offsetOf(record)]).toBe(0);
			places.add(record);
		}
		expect(places.size).toBe(20_001);
	});
});
