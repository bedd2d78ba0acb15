import { z } from 'zod';

import { isTime } from '../../../core/iso-time';
import type { InstanceEntry } from '../../../core/ports/stack';

const time = z.number().refine(isTime);

/** What an instance writes of itself; newer ones may write more. */
const registration = z.object({
	instanceKey: z.string(),
	hostId: z.string(),
	instanceType: z.enum(['main', 'worker', 'webhook']),
	instanceRole: z.string().optional(),
	version: z.string(),
	poolName: z.string().optional(),
	registeredAt: time,
	lastSeen: time,
});

/** @returns undefined for what is no entry. */
export function instanceEntryOf(text: string): InstanceEntry | undefined {
	const result = registration.safeParse(json(text));
	if (!result.success) return undefined;
	const { instanceKey, hostId, instanceType, instanceRole, ...rest } = result.data;
	return {
		...{ instanceKey, hostId, type: instanceType, isLeader: instanceRole === 'leader' },
		...{ version: rest.version, pool: rest.poolName ?? '' },
		...{ registeredAt: rest.registeredAt, lastSeenAt: rest.lastSeen },
	};
}

function json(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
