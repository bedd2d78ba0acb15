import { ChunkedCells } from '../../../adapters/memory/chunked-cells';

describe('chunked cells', () => {
	it('gives every record a place of its own, and the same one each time', () => {
		const cells = new ChunkedCells(3);
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

	it('begins small and wastes little', () => {
		const cells = new ChunkedCells(2);
		expect(cells.chunkOf(0)).toHaveLength(2 * 16);
		expect(cells.chunkOf(1_007)).toHaveLength(2 * 512);
		expect(cells.chunkOf(1_008)).toHaveLength(2 * 1_024);
		expect(cells.chunkOf(100_000)).toHaveLength(2 * 1_024);
	});
});
