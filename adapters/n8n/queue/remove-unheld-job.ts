import type { QueueControl } from '../../../core/ports/stack';
import type { RedisClient } from '../../redis';
import type { BullKeys } from '../bull-keys';
import source from './lua/remove_unheld.lua';
import { QueueScript } from './queue-script';

const script = new QueueScript(source);

const ANSWERS = { 0: 'held', 1: 'removed', 2: 'gone' } as const;

/** Takes an unfinished job away that nobody holds. Bull's own way would take away one that has ended as well. */
export async function removeUnheldJob(
	client: RedisClient,
	keys: BullKeys,
	{ pool, id, deadLock }: Parameters<QueueControl['removeUnheld']>[0],
): ReturnType<QueueControl['removeUnheld']> {
	const of = (name: string) => keys.of(pool, name);
	const lists = [of('active'), of('wait'), of('paused'), of('delayed'), of('priority')];
	const answer = await script.run(
		client,
		[...lists, of(id), of(`${id}:lock`), of(`${id}:logs`), of('stalled')],
		[id, deadLock?.owner ?? '', Math.ceil(deadLock?.remainingMs ?? 0)],
	);
	return ANSWERS[answer as keyof typeof ANSWERS];
}
