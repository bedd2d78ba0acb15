import { performance } from 'node:perf_hooks';

import type { Database } from './database';

/** How long the simplest question takes, in ms. */
export async function roundTripMs(database: Database): Promise<number> {
	const from = performance.now();
	await database.read({ sql: 'SELECT 1', values: [] });
	return performance.now() - from;
}
