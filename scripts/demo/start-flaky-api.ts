import { createFlakyApi, DEFAULT_FLAKY_API_PORT, type FlakyApi } from '../flaky-api/index.ts';
import type { StateFolder } from '../cli/index.ts';

const FILE = 'flaky-api.json';

/**
 * The flaky API where it was at the last start, because the imported workflows call it there; else
 * on its usual port, or on a free one where that is taken.
 */
export async function startFlakyApi(state: StateFolder): Promise<FlakyApi> {
	const last = await state.read<{ port: number }>(FILE);
	const wanted = last ? [last.port, DEFAULT_FLAKY_API_PORT] : [DEFAULT_FLAKY_API_PORT];
	const api = await startOnFirstFree([...wanted, 0]);
	await state.write(FILE, { port: api.port });
	return api;
}

async function startOnFirstFree([port, ...others]: number[]): Promise<FlakyApi> {
	try {
		return await createFlakyApi({ port });
	} catch (error) {
		const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
		if (!isTaken || others.length === 0) throw error;
		return await startOnFirstFree(others);
	}
}
