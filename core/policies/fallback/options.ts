import { z } from 'zod';

import { duration } from '../../options';

/** Options of a fallback; its alternatives are given beside them. */
export const fallbackOptions = z.strictObject({
	maxAgeMs: duration(1, 86_400_000, {
		title: 'Maximum Age',
		description: 'A remembered result older than this is not used',
	}),
});
