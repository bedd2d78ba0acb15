import { RecoveryWatch, type WatchLease } from '../core/recovery';
import type { FullConfig } from './config/read-config';
import type { ToolHost } from './server/tool-host';
import type { Services } from './services';

/** The watch that acts without being asked; undefined unless it is enabled. */
export function openWatch(
	{ watch }: Pick<FullConfig, 'watch'>,
	{ services, audit, redactor, onError }: ToolHost<Services>,
	lease: WatchLease,
): RecoveryWatch | undefined {
	if (!watch.enabled) return undefined;
	const { recovery, stack, monitor, clock } = services;
	return new RecoveryWatch({
		...recovery,
		watch: {
			everyMs: watch.everySeconds * 1_000,
			recover: watch.recover,
			heal: watch.heal ? 'zombies' : 'nothing',
		},
		healing: stack.queueMode && { sources: stack, clock, monitor },
		lease,
		audit: async (event) => await audit(redactor.data(event)),
		onError,
	});
}
