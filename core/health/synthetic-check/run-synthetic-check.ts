import { sleep } from '../../pipeline';
import type { Clock } from '../../ports';
import { modeOf, SourceUnavailableError, type StackSources } from '../../stack';
import { checkWebhook } from './check-webhook';
import { ExecutionWatch } from './execution-watch';
import { hopsOf } from './hops-of';
import { judgeCheck } from './judge-check';
import type { Hop, SyntheticReport } from './synthetic-report';
import { WebhookCall } from './webhook-call';

/** An answer without a row: the row is there in less, or it was not kept. */
const ROW_WITHIN_MS = 2_000;
const SOONEST_LOOK_MS = 25;
const LATEST_LOOK_MS = 1_000;

export interface SyntheticCheckParts {
	readonly sources: StackSources;
	readonly clock: Clock;
	/** Makes ids that are unique for ever. */
	readonly newId: () => string;
}

export interface SyntheticCheckRequest {
	/** Of the workflow whose webhook is called. Default: the prebuilt one. */
	readonly workflowId?: string;
	/** For all of it. */
	readonly timeoutMs: number;
	readonly signal?: AbortSignal;
}

/**
 * Runs a workflow by its webhook, and times each hop of its execution.
 * @param onHop is told of each hop when it is seen first.
 * @throws {InvalidOptionError} where the workflow cannot be called; then nothing was run.
 * @throws {CancelledError} when the signal fires; what was begun goes on.
 */
export async function runSyntheticCheck(
	{ sources, clock, newId }: SyntheticCheckParts,
	{ workflowId, timeoutMs, signal }: SyntheticCheckRequest,
	onHop: (hop: Hop) => void = () => undefined,
): Promise<SyntheticReport> {
	const { api } = sources;
	if (!api)
		throw new SourceUnavailableError(
			'n8n api',
			'No address of n8n is configured',
			'Set n8n.url of the MCP server, or API of the node',
		);
	const webhook = await checkWebhook(sources.database?.workflows, workflowId);
	const watch = new ExecutionWatch(sources, webhook.workflow?.id, signal);
	await watch.begin();
	const call = new WebhookCall(webhook, newId(), clock);
	const mode = modeOf(sources);
	const calledAt = clock.now();
	const told = new Set<string>();
	const look = async (): Promise<void> => {
		await watch.look(toldId());
		for (const hop of hopsOf(calledAt, call, watch, mode).hops) {
			if (!told.has(hop.name)) onHop(hop);
			told.add(hop.name);
		}
	};
	const calling = call.make(api, timeoutMs, signal);
	while (!isOver() && clock.now() - calledAt < timeoutMs) {
		const passedMs = clock.now() - calledAt;
		const waitMs = Math.min(LATEST_LOOK_MS, SOONEST_LOOK_MS + passedMs / 20);
		await sleep(clock, Math.min(waitMs, timeoutMs - passedMs), signal);
		await look();
	}
	// It ends by itself when the time is up.
	await Promise.all([watch.finish(), calling]);
	await look();
	const { worker } = watch;
	const executionId = watch.row?.id ?? toldId();
	return {
		...judgeCheck(webhook, call, watch, timeoutMs),
		...hopsOf(calledAt, call, watch, mode),
		...(webhook.workflow && { workflow: webhook.workflow }),
		...(executionId !== undefined && { executionId }),
		...(worker && { worker: { hostId: worker.hostId, processId: worker.processId } }),
		durationMs: clock.now() - calledAt,
	};

	function toldId(): string | undefined {
		return call.end?.isAnswer ? call.end.executionId : undefined;
	}

	function isOver(): boolean {
		const { end } = call;
		if (!end) return false;
		if (!end.isAnswer) return true;
		if (end.status === 404 || watch.isEnded) return true;
		const isBlind = watch.gaps.has('database');
		if (isBlind && !watch.row) return true;
		return (isBlind || !watch.row) && clock.now() - end.at >= ROW_WITHIN_MS;
	}
}
