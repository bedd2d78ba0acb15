import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for a state that comes about by itself; jest's time-out ends what never does, which then does not keep the
 * process alive.
 */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await isTrue())) await sleep(5, undefined, { ref: false });
}
