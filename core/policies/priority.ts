import { z } from 'zod';

import { integer, parseOptions } from '../options';

/** Far fewer than a queue on a server can tell apart: there a place is a number of priority and arrival together. */
const HIGHEST = 1_000;

/** Who goes first. */
export const priorityOptions = z.strictObject({
	priority: integer(-HIGHEST, HIGHEST, 0, {
		title: 'Priority',
		description:
			'At a bulkhead, items of higher priority get a free slot first; at a rate limiter, those above 0 may use what it reserves',
	}),
});

/** @throws {InvalidOptionError} when it is no priority. */
export function checkPriority(priority: number): void {
	if (Number.isInteger(priority) && Math.abs(priority) <= HIGHEST) return;
	parseOptions(priorityOptions, { priority });
}
