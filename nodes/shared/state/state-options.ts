import { z } from 'zod';

import { choice } from '../../../core/options';

/** Where a step keeps what it knows of its policies. */
export const stateOptions = z.strictObject({
	state: choice({ process: 'This Process', redis: 'Redis' }, 'process', {
		title: 'State',
		description:
			'Where the state of the policies is kept. This Process: nothing to install, right for an n8n without workers. Redis: shared by all workers, as queue mode needs it',
	}),
	authentication: choice({ redis: 'Redis', bulwarkRedisApi: 'Bulwark Redis' }, 'redis', {
		title: 'Credential',
		description:
			"Redis: n8n's own credential. Bulwark Redis: adds Sentinel, Cluster, certificates and a prefix of your own",
		showWhen: { state: ['redis'] },
	}),
	whenRedisIsDown: choice(
		{ local: 'Count in This Process', allow: 'Allow', reject: 'Reject' },
		'local',
		{
			title: 'When Redis Is Down',
			description:
				'Count in This Process: each worker goes by its own state until Redis is back. Allow: calls pass without any policy but time limits. Reject: items leave through Rejected',
			showWhen: { state: ['redis'] },
		},
	),
});

/** The credentials that name a Redis, by the choice that shows them. */
export type RedisCredential = 'redis' | 'bulwarkRedisApi';
