import { z } from 'zod';

import { choice } from '../../../core/options';
import type { WhenStoreIsDown } from '../../../core/store-outage';

/** The credentials that name a Redis. The choice of where state is kept is also the choice between them. */
export const REDIS_CREDENTIALS = ['redis', 'bulwarkRedisApi'] as const;

/** Where a step keeps what it knows. Steps differ in what is best while that cannot be reached. */
export const stateOptionsOf = (whenRedisIsDown: WhenStoreIsDown = 'local') =>
	z.strictObject({
		state: choice(
			{
				process: 'This Process',
				redis: 'Redis',
				bulwarkRedisApi: 'Redis, With a Bulwark Credential',
			},
			'process',
			{
				title: 'State',
				description:
					"Where the step keeps what it knows. This Process: nothing to install, right for an n8n without workers. Redis: shared by all workers, as queue mode needs it, with n8n's own credential or with Bulwark's, which adds Sentinel, Cluster, certificates and a prefix of your own",
			},
		),
		whenRedisIsDown: choice(
			{ local: 'Count in This Process', allow: 'Allow', reject: 'Reject' },
			whenRedisIsDown,
			{
				title: 'When Redis Is Down',
				description:
					'Count in This Process: each worker goes by its own state until Redis is back. Allow: calls pass without any policy but time limits. Reject: items leave through Rejected',
				showWhen: { state: REDIS_CREDENTIALS },
			},
		),
	});
