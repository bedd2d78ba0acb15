import { z } from 'zod';

import type { WorkerStatus } from '../../../core/ports/stack';

const bytes = z.number().nonnegative();

/** What a worker answers; newer ones may answer more. */
const answer = z.object({
	senderId: z.string(),
	payload: z.object({
		requestingUserId: z.string(),
		version: z.string(),
		poolName: z.string().default(''),
		hostname: z.string(),
		interfaces: z.array(z.object({ address: z.string(), internal: z.boolean() })),
		loadAvg: z.array(z.number()),
		cpus: z.string(),
		freeMem: bytes,
		totalMem: bytes,
		process: z.object({
			uptime: z.number(),
			memory: z.object({ rss: bytes, heapUsed: bytes, constraint: bytes.optional() }),
		}),
		runningJobsSummary: z.array(
			z.object({
				executionId: z.string(),
				workflowId: z.string(),
				workflowName: z.string().default(''),
				startedAt: z.coerce.date(),
			}),
		),
	}),
});

export interface WorkerAnswer {
	readonly requestId: string;
	readonly status: WorkerStatus;
}

/** @param receivedAt ms since the epoch. @returns undefined for what is no answer of a worker. */
export function workerAnswerOf(message: string, receivedAt: number): WorkerAnswer | undefined {
	const result = answer.safeParse(json(message));
	if (!result.success) return undefined;
	const { senderId, payload } = result.data;
	const { memory, uptime } = payload.process;
	const uptimeMs = Math.round(uptime * 1_000);
	const status: WorkerStatus = {
		...{ hostId: senderId, version: payload.version, pool: payload.poolName },
		...{ uptimeMs, startedAt: receivedAt - uptimeMs, hostname: payload.hostname },
		running: payload.runningJobsSummary.map(({ startedAt, ...job }) => ({
			...job,
			startedAt: startedAt.getTime(),
		})),
		addresses: payload.interfaces.filter(({ internal }) => !internal).map(({ address }) => address),
		residentBytes: memory.rss,
		heapUsedBytes: memory.heapUsed,
		...(isLimit(memory.constraint, payload.totalMem) && { memoryLimitBytes: memory.constraint }),
		...{ totalMemoryBytes: payload.totalMem, freeMemoryBytes: payload.freeMem },
		loadAverage: payload.loadAvg[0] ?? 0,
		cpus: Number.parseInt(payload.cpus, 10) || 0,
	};
	return { requestId: payload.requestingUserId, status };
}

/** Without a limit Linux says a number larger than any machine's memory. */
const isLimit = (bytes: number | undefined, totalBytes: number): boolean =>
	bytes !== undefined && bytes > 0 && bytes <= totalBytes;

function json(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
