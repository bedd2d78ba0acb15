import { readClock } from '../../../core/clocks';
import type { Clock } from '../../../core/ports';
import type {
	ProcessMetrics,
	ProcessMetricsView,
	UnreachableProcess,
} from '../../../core/ports/stack';
import { shorten } from '../../../core/shorten';
import { exchange, NoAnswerError, within } from '../http';
import { processMetricsOf } from './process-metrics-of';

/** Longest wait for one process, in ms. */
const ANSWER_TIMEOUT_MS = 2_000;

/** The date of an HTTP answer has no parts of seconds. */
const DATE_COARSE_MS = 1_000;

interface Place extends Pick<ProcessMetrics, 'url' | 'type'> {
	/** Whether nobody has said that it is there. */
	readonly isAssumed?: boolean;
}

/** Health and metrics endpoints of processes of n8n, all asked at once. */
export class HttpProcessMetrics implements ProcessMetricsView {
	private readonly seen = new Set<string>();

	/** @param places without a path of an endpoint. */
	constructor(
		private readonly places: readonly Place[],
		private readonly clock: Clock,
	) {}

	async processes(): Promise<ReadonlyArray<ProcessMetrics | UnreachableProcess>> {
		return await Promise.all(this.places.map(async (place) => await this.lookAt(place)));
	}

	private async lookAt({
		url,
		type,
		isAssumed,
	}: Place): Promise<ProcessMetrics | UnreachableProcess> {
		try {
			const answer = await measure({ url, type }, this.clock);
			this.seen.add(url);
			return answer;
		} catch (error) {
			if (!(error instanceof NoAnswerError)) throw error;
			const { why, isRefused, isOverdue } = error;
			const mayBeElsewhere = isAssumed && !isOverdue && !this.seen.has(url);
			return {
				...{ url, type, unreachable: why },
				// A name that is not found, or a way that is closed, says nothing of the process behind it.
				...(!isRefused && { mayLive: true }),
				...(mayBeElsewhere && { mayBeElsewhere }),
			};
		}
	}
}

async function measure(
	place: Pick<ProcessMetrics, 'url' | 'type'>,
	ours: Clock,
): Promise<ProcessMetrics> {
	const get = async (path: string) =>
		await exchange(within(place.url, path), { method: 'GET', timeoutMs: ANSWER_TIMEOUT_MS });
	const [{ answer: readiness, clockShowing }, metrics] = await Promise.all([
		readClock(ours, () => get('healthz/readiness')),
		// They need Redis: who is cut off from it is ready, and measures nothing.
		get('metrics').catch((error: unknown) => unlessNoAnswer(error)),
	]);
	const clock = clockShowing(readiness.madeAt, DATE_COARSE_MS);
	const isReady = readiness.status === 200;
	const said = `${readiness.status} ${shorten(readiness.body)}`.trim();
	// Where metrics are off, main answers with the page of its editor.
	const measured = metrics?.status === 200 ? processMetricsOf(metrics.body) : {};
	const hasMetrics = Object.values(measured).some((value) => value !== undefined);
	const answer: ProcessMetrics = {
		...place,
		isReady,
		hasMetrics,
		...measured,
		...(clock && { clock }),
	};
	return isReady ? answer : { ...answer, notReadyBecause: said };
}

function unlessNoAnswer(error: unknown): undefined {
	if (!(error instanceof NoAnswerError)) throw error;
}
