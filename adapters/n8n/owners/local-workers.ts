import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';

import type { WorkerStatus } from '../../../core/ports/stack';
import type { Candidate, SeenAnswer } from './match-processes';
import { processStatOf } from './process-stat';

/** An answer comes so much later than the worker has made it, and its process began before n8n did, in ms. */
const LATEST_ANSWER_MS = 2_000;

/** Between two readings of the same time, in ms. */
const INEXACT_MS = 100;

/** Linux keeps memory in pages of one of these sizes, in bytes. */
const PAGE_SIZES = [4_096, 16_384, 65_536];

/** Processes of this machine that are workers of n8n. There are none where the system is not Linux. */
export class LocalWorkers {
	private processIds: readonly number[] = [];

	/** Looks which there are. */
	async refresh(): Promise<readonly number[]> {
		const names = await readdir('/proc').catch(() => []);
		const ids = names.filter((name) => /^\d+$/.test(name)).map(Number);
		this.processIds = ids.filter(isWorker);
		return this.processIds;
	}

	/** To be called at once when an answer comes, because memory changes. */
	see(status: WorkerStatus): SeenAnswer {
		const isHere = status.hostname === hostname();
		return { status, candidates: isHere ? this.candidatesFor(status) : [] };
	}

	private candidatesFor({ uptimeMs, residentBytes }: WorkerStatus): Candidate[] {
		return this.processIds.flatMap((processId) => {
			try {
				const stat = processStatOf(readFileSync(`/proc/${processId}/stat`, 'utf8'));
				const aliveMs = machineUptimeMs() - stat.startedMs;
				const lateMs = aliveMs - uptimeMs;
				if (lateMs < -INEXACT_MS || lateMs > LATEST_ANSWER_MS) return [];
				const hasSameMemory = PAGE_SIZES.some(
					(size) => stat.residentPages * size === residentBytes,
				);
				return [{ processId, hasSameMemory }];
			} catch {
				// It has ended.
				return [];
			}
		});
	}
}

const machineUptimeMs = (): number =>
	Number(readFileSync('/proc/uptime', 'utf8').split(' ', 1)[0]) * 1_000;

/**
 * Started as `n8n worker`, by whatever path. The kernel has it in memory: to read it at once takes some microseconds, and
 * by way of Node's threads a hundred.
 */
function isWorker(processId: number): boolean {
	const words = commandOf(processId).split('\0');
	const program = words.findIndex((word) => path.basename(word) === 'n8n');
	return program >= 0 && words[program + 1] === 'worker';
}

function commandOf(processId: number): string {
	try {
		return readFileSync(`/proc/${processId}/cmdline`, 'utf8');
	} catch {
		// It has ended.
		return '';
	}
}
