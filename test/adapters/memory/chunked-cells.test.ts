import { ChunkedCells } from '../../../adapters/memory/chunked-cells';

const withRecords = (recordSize: number, count: number): ChunkedCells => {
	const cells = new ChunkedCells(recordSize);
	for (let record = 0; record < count; record++) cells.reserve(record);
	return cells;
};

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
		for (let record = 0; record < 3_000; record++) {
			cells.reserve(record);
			cells.chunkOf(record)[cells.offsetOf(record)] = record;
		}
		for (let record = 0; record < 3_000; record++)
			expect(cells.chunkOf(record)[cells.offsetOf(record)]).toBe(record);
	});

	it('begins small and wastes little', () => {
		expect(withRecords(2, 16).chunkOf(0)).toHaveLength(2 * 16);
		expect(withRecords(2, 17).chunkOf(16)).toHaveLength(2 * 32);
		expect(withRecords(2, 1_025).chunkOf(0)).toHaveLength(2 * 1_024);
		expect(withRecords(2, 1_025).chunkOf(1_024)).toHaveLength(2 * 1_024);
	});
});
