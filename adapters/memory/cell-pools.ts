import { ChunkedCells } from './chunked-cells';

/**
 * Cells by the size of their records. Policies share them, because a typed array for each would take more than the
 * few numbers of a policy with one key.
 */
export class CellPools {
	private readonly pools = new Map<number, ChunkedCells>();

	/** The cells whose records have so many numbers. */
	of(recordSize: number): ChunkedCells {
		let pool = this.pools.get(recordSize);
		if (pool === undefined) {
			pool = new ChunkedCells(recordSize);
			this.pools.set(recordSize, pool);
		}
		return pool;
	}
}
