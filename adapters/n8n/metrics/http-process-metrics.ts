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

/** Below which n8n's processes say how they are, unless told otherwise (N8N_ENDPOINT_HEALTH). */
const HEALTH_ENDPOINT = 'healthz';

/** The date of an HTTP answer has no parts of seconds. */
const DATE_COARSE_MS = 1_000;

interface Place extends Pick<ProcessMetrics, 'url' | 'type'> {
	/** Whether nobody has said that it is there. */
	readonly isAssumed?: boolean;
}

/** Health and metrics endpoints of processes of n8n, all asked at once. */
export class HttpProcessMetrics implements ProcessMetricsView {
	private readonly seen = new Set<string>();

	private readonly readiness: string;

	/**
	 * @param places without a path of an endpoint.
	 * @param healthEndpoint N8N_ENDPOINT_HEALTH.
	 */
	constructor(
		private readonly places: readonly Place[],
		private readonly clock: Clock,
		healthEndpoint = HEALTH_ENDPOINT,
	) {
		this.readiness = `${healthEndpoint.replace(/^\//, '')}/readiness`;
	}

	async processes(): Promise<ReadonlyArray<ProcessMetrics | UnreachableProcess>> {
		return await Promise.all(this.places.map(async (place) => await this.lookAt(place)));
	}

	private async lookAt({
		url,
		type,
		isAssumed,
	}: Place): Promise<ProcessMetrics | UnreachableProcess> {
		try {
			const answer = await measure({ url, type }, this.clock, this.readiness);
			this.seen.add(url);
			return answer;
		} catch (error) {
			if (!(error instanceof NoAnswerError || error instanceof OtherAnswerError)) throw error;
			const isRefused = error instanceof NoAnswerError && error.isRefused;
			const isOverdue = error instanceof NoAnswerError && error.isOverdue;
			const mayBeElsewhere = isAssumed && !isOverdue && !this.seen.has(url);
			return {
				...{ url, type, unreachable: error.why },
				// A name that is not found, or a way that is closed, says nothing of the process behind it.
				...(!isRefused && { mayLive: true }),
				...(mayBeElsewhere && { mayBeElsewhere }),
			};
		}
	}
}

/** Who answers is not n8n, or not where it tells how it is: the pages of its editor lie at all other paths. */
class OtherAnswerError extends Error {
	constructor(readonly why: string) {
		super(why);
	}
}

async function measure(
	place: Pick<ProcessMetrics, 'url' | 'type'>,
	ours: Clock,
	readinessPath: string,
): Promise<ProcessMetrics> {
	const get = async (path: string) =>
		await exchange(within(place.url, path), { method: 'GET', timeoutMs: ANSWER_TIMEOUT_MS });
	const [{ answer: readiness, clockShowing }, metrics] = await Promise.all([
		readClock(ours, () => get(readinessPath)),
		// They need Redis: who is cut off from it is ready, and measures nothing.
		get('metrics').catch((error: unknown) => unlessNoAnswer(error)),
	]);
	const clock = clockShowing(readiness.madeAt, DATE_COARSE_MS);
	const isReady = readiness.status === 200;
	const said = `${readiness.status} ${shorten(readiness.body.trim().replace(/\s+/g, ' '))}`.trim();
	if (isReady && !isHealthy(readiness.body))
		throw new OtherAnswerError(
			`what answers at /${readinessPath} is not n8n's health check (N8N_ENDPOINT_HEALTH): ${said}`,
		);
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

/** What n8n says of itself where it is ready. */
function isHealthy(body: string): boolean {
	try {
		return (JSON.parse(body) as { status?: unknown } | null)?.status === 'ok';
	} catch {
		return false;
	}
}

function unlessNoAnswer(error: unknown): undefined {
	if (!(error instanceof NoAnswerError)) throw error;
}
