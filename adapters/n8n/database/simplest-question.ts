import { performance } from 'node:perf_hooks';

import { readClock } from '../../../core/clocks';
import type { Clock } from '../../../core/ports';
import type { DatabaseStatistics } from '../../../core/ports/stack';
import type { Database } from './database';

/** How long the simplest question takes: what time it is, where the database has a clock of its own. */
export async function simplestQuestion(
	database: Database,
	clock: Clock,
): Promise<Pick<DatabaseStatistics, 'roundTripMs' | 'clock'>> {
	const from = performance.now();
	const sql = `SELECT ${database.ownTime ?? 'NULL'} AS now`;
	const { answer, clockShowing } = await readClock(clock, () => database.read({ sql, values: [] }));
	const now = answer[0]?.now;
	return {
		roundTripMs: performance.now() - from,
		clock: clockShowing(typeof now === 'number' ? now : undefined),
	};
}
