import { z } from 'zod';

import { duration, integer, text, type OptionMeta } from '../../options';

/** How many workers must agree, like the quorum of Redis Sentinel. Also an option of the breaker that they vote on. */
export const quorumOption = (meta: Pick<OptionMeta, 'showWhen'> = {}) =>
	integer(1, 1_000, 2, {
		title: 'Quorum',
		description:
			'The breaker opens for all workers while those of at least this many workers are open',
		unit: 'workers',
		...meta,
	});

/** Options of the votes on a breaker. They follow from the breaker's own; nobody sets them. */
export const breakerQuorumOptions = z.strictObject({
	quorum: quorumOption(),
	waitDurationInOpenStateMs: duration(1, 30_000, {
		title: 'Wait in Open State',
		description: 'How long the breaker stays open for all when it is opened by hand',
	}),
	voter: text(200, '', {
		title: 'Voter',
		description: 'Whose votes settlements cast: a name of the worker that is unique for ever',
	}),
});

export type BreakerQuorumOptions = z.output<typeof breakerQuorumOptions>;
