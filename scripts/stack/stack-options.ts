import type { Progress, StateFolder } from '../cli/index.ts';
import type { N8nCommand } from '../n8n/index.ts';
import type { MemberChange } from './member.ts';
import type { RedisAddress } from './redis.ts';
import type { ServerPrograms } from './server-programs.ts';
import type { WhenDead } from './supervisor.ts';

export interface StackOptions {
	n8n: N8nCommand;
	/** Packages to install, as paths of tarballs. */
	tarballs: readonly string[];
	programs: ServerPrograms;
	/** Keeps everything from start to start. */
	state: StateFolder;
	workers: number;
	/** How many executions a worker runs at a time. */
	concurrency: number;
	/** Port of n8n's main process; another where it is taken. Default: a free one. */
	port?: number;
	/** Port of the webhook processor; another where it is taken. Default: a free one. */
	webhookPort?: number;
	/** What to do about a worker or the webhook processor when it has died. Default `report`. */
	whenDead?: WhenDead;
	/** Further settings of all n8n processes. */
	env?: NodeJS.ProcessEnv;
	/** Further settings of one worker, such as another way to Redis. */
	workerEnv?: (name: string, redis: RedisAddress) => Promise<NodeJS.ProcessEnv>;
	/** Told how a process is, at each change that nobody asked for. */
	onChange?: (change: MemberChange) => void;
	progress?: Pick<Progress, 'during'>;
	/** Stops what has been started so far; `startStack` then rejects. */
	signal?: AbortSignal;
}
