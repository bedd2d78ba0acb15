import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { RejectedError } from '../../../core/errors';
import {
	Pipeline,
	PostponedError,
	sleep,
	type AttemptContext,
	type CallProgress,
} from '../../../core/pipeline';
import { markDegraded } from '../degraded';
import { RunOnce } from '../../../core/run-once';
import { rememberResult, standIn } from '../fallback';
import { enclosingDeadline } from '../ledger/enclosing-deadline';
import { OriginFinder } from '../lineage/origins';
import { OwnItems, type OwnPlace } from '../lineage/own-items';
import { internalsOf, type Internals } from '../internals';
import { failureOfError } from '../n8n/item-failure';
import { runSubWorkflow } from '../n8n/run-sub-workflow';
import { subWorkflowOptions } from '../description';
import { readForItem } from '../read-for-item';
import { leaveAsBefore, resultOf, warnOfUnkept, withFields } from '../run-once';
import type { Services } from '../services';
import type { RunOncePlan, Step, StepPlan } from '../step';
import { guardUnwiredOutputs, StepResults, type ItemPlace } from '../step-outputs';
import { OwnTurns, type HeldCall } from '../turns/own-turns';
import { LONGEST_WAIT_IN_PROCESS_MS } from '../waits';
import { inParallel } from './in-parallel';

/** What the user set for an item. */
interface Settings {
	readonly plan: StepPlan;
	readonly workflowId: string;
	readonly parallelism: number;
}

/** A call that goes on later. Plain data: it is saved with the execution. */
interface Postponed {
	readonly settings: Settings;
	readonly progress: CallProgress;
	readonly dueAt: number;
}

/** An item to run the sub-workflow with. */
interface Task {
	readonly id: string;
	/** Place in line. */
	readonly order: number;
	readonly item: INodeExecutionData;
	readonly place: ItemPlace;
	readonly settings: Settings;
	/** Where the item stands already in the step's own run data, if its call goes on. */
	readonly stored?: OwnPlace;
	readonly resumed?: Postponed;
}

/** How far a call came. */
interface Made {
	attempts: number;
	/** How the last attempt was let through, if the shared state could not be reached. */
	degraded?: AttemptContext['degraded'];
}

/** What one item's call ended with. */
type Ending =
	| { readonly kind: 'postponed'; readonly postponed: Postponed }
	| { readonly kind: 'done'; readonly leave: (results: StepResults, order: number) => void };

/**
 * Guards a sub-workflow: runs it for every item under the step's policies, several at once, and hands results on in
 * the order of the items. One item's failure is its own.
 * @returns items by output, or null when the run only made way for others.
 */
export async function runSubWorkflowStep(
	context: IExecuteFunctions,
	step: Step,
	services: Services,
): Promise<INodeExecutionData[][] | null> {
	return await new SubWorkflowRun(context, step, services).run();
}

class SubWorkflowRun {
	private readonly internals: Internals;
	private readonly turns: OwnTurns;
	private readonly finder: OriginFinder;
	private readonly own: OwnItems;
	private readonly results = new StepResults();
	private readonly postponed: Record<string, Postponed>;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly step: Step,
		private readonly services: Services,
	) {
		this.internals = internalsOf(context);
		this.turns = new OwnTurns(context);
		this.finder = new OriginFinder(this.internals, context.getNode().name);
		this.own = new OwnItems(this.internals, context.getNode().name);
		const stored = context.getContext('node');
		stored.bulwarkPostponed ??= {};
		this.postponed = stored.bulwarkPostponed as Record<string, Postponed>;
	}

	async run(): Promise<INodeExecutionData[][] | null> {
		const turn = this.turns.current;
		if (turn?.waitUntil !== undefined) {
			await this.turns.wait(turn.waitUntil);
			return [[], [], [], []];
		}
		if (!turn) return await this.runTasks(this.newTasks());

		if (!this.turns.isDrained()) return null;
		const tasks = this.resumedTasks();
		const dueAt = Math.min(...tasks.map(({ resumed }) => resumed.dueAt));
		const waitMs = dueAt - this.services.clock.now();
		if (waitMs >= LONGEST_WAIT_IN_PROCESS_MS) {
			this.turns.suspend(dueAt);
			return null;
		}
		if (waitMs > 0)
			await sleep(this.services.clock, waitMs, this.context.getExecutionCancelSignal());
		this.turns.endHeld();
		for (const { id } of tasks) delete this.postponed[id];
		return await this.runTasks(tasks);
	}

	private newTasks(): Task[] {
		return this.context.getInputData(0).flatMap((item, index) => {
			const place = { item: index, input: 0 };
			const settings = readForItem(
				this.context,
				index,
				(parameters): Settings => ({
					plan: this.step.plan(parameters),
					workflowId: parameters.workflowId('workflowId'),
					parallelism: parameters.options(subWorkflowOptions).parallelism,
				}),
				(report) => this.results.fail(index, item, place, report),
			);
			const id = `${this.internals.runIndex}:${index}`;
			return settings ? [{ id, order: index, item, place, settings }] : [];
		});
	}

	private resumedTasks(): Array<Task & { readonly resumed: Postponed }> {
		return this.turns.held.map(({ id, place: stored }, order) => {
			const resumed = this.postponed[id]!;
			const { settings } = resumed;
			const [item, place] = [this.own.at(stored), this.own.placeOf(stored)];
			return { id, order, item, place, settings, stored, resumed };
		});
	}

	private async runTasks(tasks: readonly Task[]): Promise<INodeExecutionData[][]> {
		const parallelism = tasks[0]?.settings.parallelism ?? 1;
		const endings = await inParallel(tasks, parallelism, async (task) => await this.runTask(task));
		const held: HeldCall[] = [];
		const dueAts: number[] = [];
		for (const [index, ending] of endings.entries()) {
			const { id, order, item, place, stored } = tasks[index]!;
			if (ending.kind === 'done') {
				ending.leave(this.results, order);
				continue;
			}
			this.postponed[id] = ending.postponed;
			dueAts.push(ending.postponed.dueAt);
			held.push({ id, place: stored ?? this.own.keep(item, place) });
		}
		guardUnwiredOutputs(this.context, this.results, 0);
		if (held.length > 0) this.turns.takeWithHeld(held, Math.min(...dueAts));
		return this.own.outputsWith(this.results.takeOutputs());
	}

	private async runTask(task: Task): Promise<Ending> {
		const { settings, resumed } = task;
		const { fallback, runOnce } = settings.plan;
		if (resumed && resumed.dueAt > this.services.clock.now())
			return { kind: 'postponed', postponed: resumed };
		const made: Made = { attempts: resumed?.progress.attempt ?? 1 };
		try {
			if (runOnce) return await this.callOnce(task, runOnce, made);
			const results = await this.call(task, task.item, made);
			await rememberResult(this.services, fallback, results);
			return succeeded(results, made);
		} catch (error) {
			if (error instanceof PostponedError) {
				const { progress, dueAt } = error;
				return { kind: 'postponed', postponed: { settings, progress, dueAt } };
			}
			const item = markDegraded(task.item, made.degraded);
			return await this.ended(error, { ...task, item }, made.attempts);
		}
	}

	/** Runs the sub-workflow with an item, unless that was done before. */
	private async callOnce(
		task: Task,
		{ policy, tokenField }: RunOncePlan,
		made: Made,
	): Promise<Ending> {
		const { item, place, settings } = task;
		const { runs, runLeases, clock, newPermitId } = this.services;
		let results: INodeExecutionData[] = [];
		const outcome = await new RunOnce(policy, {
			runs,
			clock,
			leases: runLeases,
			newRunId: newPermitId,
			describeFailure: failureOfError,
		}).execute(
			async ({ token, degraded }) => {
				const fields = tokenField === '' ? undefined : { [tokenField]: token };
				try {
					results = await this.call(task, withFields(item, fields), made);
				} finally {
					made.degraded = degraded;
				}
				return resultOf(results);
			},
			{
				key: settings.plan.runKey!,
				signal: this.context.getExecutionCancelSignal(),
				deadlineAt: this.deadlineOf(place),
			},
		);
		if (outcome.kind !== 'done')
			return done((all, order) => leaveAsBefore(all, order, item, place, outcome));
		if (outcome.unkept) warnOfUnkept(this.context, outcome.unkept);
		return succeeded(results, made);
	}

	/** Runs the sub-workflow with an item under all policies. */
	private async call(
		{ place, settings, resumed }: Task,
		item: INodeExecutionData,
		made: Made,
	): Promise<INodeExecutionData[]> {
		const { plan, workflowId } = settings;
		const input = withFields(item, plan.fields);
		const pipeline = new Pipeline(plan.definition, {
			...this.services,
			describeFailure: failureOfError,
		});
		return await pipeline.execute(
			async (attempt) => {
				made.attempts = attempt.attempt;
				made.degraded = attempt.degraded;
				const running = runSubWorkflow(this.context, workflowId, input, place, attempt);
				return await running.catch(async () => {
					if (this.services.clock.now() < attempt.deadlineAt) return await running;
					// n8n has stopped the child just now; that time is up, the pipeline says better.
					return await new Promise<never>(() => {});
				});
			},
			{
				keys: plan.keys,
				signal: this.context.getExecutionCancelSignal(),
				deadlineAt: this.deadlineOf(place),
				longestWaitMs: LONGEST_WAIT_IN_PROCESS_MS,
				resume: resumed?.progress,
			},
		);
	}

	/** When what this step is part of must be done. */
	private deadlineOf(place: ItemPlace): number {
		const source = place.sourceOverwrite ?? this.context.getExecuteData().source?.main?.[0];
		return enclosingDeadline(this.internals, this.finder, source, place.item);
	}

	private async ended(
		error: unknown,
		{ item, place, settings }: Task,
		attempts: number,
	): Promise<Ending> {
		// n8n ends the execution whatever leaves, and nothing may stand in for what the user stopped.
		if (this.context.getExecutionCancelSignal()?.aborted) return done(() => {});
		const failure = failureOfError(error);
		const { fallback } = settings.plan;
		const substitute = await standIn(this.context, this.services, fallback, failure, item, place);
		if (substitute) return done((all, order) => all.succeed(order, substitute));
		if (error instanceof RejectedError)
			return done((all, order) => all.reject(order, item, place, error));
		const { description, remedy = description } = error as {
			description?: string;
			remedy?: string;
		};
		return done((all, order) =>
			all.fail(order, item, place, { failure, attempts, remedy: remedy ?? undefined }),
		);
	}
}

const succeeded = (results: readonly INodeExecutionData[], { degraded }: Made): Ending => {
	const marked = results.map((result) => markDegraded(result, degraded));
	return done((all, order) => all.succeed(order, marked));
};

const done = (leave: (results: StepResults, order: number) => void): Ending => ({
	kind: 'done',
	leave,
});
