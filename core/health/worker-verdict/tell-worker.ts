import { isoTime } from '../../iso-time';
import type { WorkerVerdict } from './worker-verdict';

/** A worker as whoever asks is told of it. */
export const tellWorker = (worker: WorkerVerdict) => ({
	id: worker.id,
	hostId: worker.hostId,
	pool: worker.pool,
	version: worker.version,
	state: worker.state,
	since: isoTime(worker.since),
	process: worker.process,
	slotsSeen: worker.slotsSeen,
	...(worker.running && { running: worker.running.length }),
	...(worker.lastTookAt !== undefined && { lastTookAt: isoTime(worker.lastTookAt) }),
	...(worker.answeredAt !== undefined && { answeredAt: isoTime(worker.answeredAt) }),
	...(worker.lastAnswer && {
		uptimeMs: worker.lastAnswer.uptimeMs,
		residentBytes: worker.lastAnswer.residentBytes,
		memoryLimitBytes: worker.lastAnswer.memoryLimitBytes,
		loadAverage: worker.lastAnswer.loadAverage,
	}),
	evidence: worker.evidence.map((one) => ({ ...one })),
});
