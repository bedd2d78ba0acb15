import type { IExecuteFunctions } from 'n8n-workflow';

import type { Run } from '../../../core/ports';
import { endOfFailure } from '../../../core/run-once';
import type { Services } from '../services';
import { internalsOf } from '../internals';
import { watchExecution } from './watch-execution';

/** How long after a wait an execution keeps its runs, in ms: nothing of ours may run until an item comes back. */
const RESUME_MS = 10 * 60_000;

/** A run, and how long its end would be kept. */
interface Held {
	readonly run: Run;
	readonly resultTtlMs: number;
	readonly services: Services;
}

const heldBy = new WeakMap<object, ExecutionRuns>();

/**
 * The runs of one execution whose items are on their way through the canvas. They are kept alive while the execution
 * runs in this process, and for as long as it waits. One that ends has failed with the execution; when the execution
 * was stopped its lease runs out, because n8n lets the node that is at work come to its end.
 */
export class ExecutionRuns {
	private readonly runs = new Map<string, Held>();
	private hasEnded = false;

	private constructor() {}

	/** Those of the execution that a context belongs to. */
	static of(context: IExecuteFunctions): ExecutionRuns {
		const { runExecutionData } = internalsOf(context);
		let held = heldBy.get(runExecutionData);
		if (!held) {
			const created = new ExecutionRuns();
			held = created;
			heldBy.set(runExecutionData, created);
			const signal = context.getExecutionCancelSignal();
			watchExecution(context, {
				onEnd: async () => await (signal?.aborted ? created.letLapse() : created.endAll()),
				onWait: async (waitTill) => await created.keepUntil(waitTill),
			});
		}
		return held;
	}

	async hold(held: Held): Promise<void> {
		const { run, services } = held;
		// A step may still be at work when the execution has been stopped.
		if (this.hasEnded) return void (await services.runs.extend(run, 0));
		this.runs.set(run.id, held);
		services.runLeases.keep(run);
	}

	/** Takes a run out to end it; undefined when this process does not hold it. */
	takeOut(runId: string): Run | undefined {
		const held = this.runs.get(runId);
		if (!held) return undefined;
		this.runs.delete(runId);
		held.services.runLeases.release(held.run);
		return held.run;
	}

	private async endAll(): Promise<void> {
		const all = this.takeAll();
		const end = endOfFailure({ message: 'The execution ended before the item came back' });
		await Promise.all(all.map(async ({ run, services }) => await services.runs.end(run, end)));
	}

	private async letLapse(): Promise<void> {
		this.takeAll();
	}

	private async keepUntil(waitTill: Date): Promise<void> {
		await Promise.allSettled(
			this.takeAll().map(async ({ run, resultTtlMs, services }) => {
				const waitMs = Math.min(waitTill.getTime() - services.clock.now(), resultTtlMs);
				await services.runs.extend(run, Math.max(0, waitMs) + RESUME_MS);
			}),
		);
	}

	private takeAll(): Held[] {
		this.hasEnded = true;
		const all = [...this.runs.values()];
		for (const { run } of all) this.takeOut(run.id);
		return all;
	}
}
