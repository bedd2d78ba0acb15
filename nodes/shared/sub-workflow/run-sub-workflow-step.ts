import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { RejectedError } from '../../../core/errors';
import { Pipeline, PostponedError, sleep, type CallProgress } from '../../../core/pipeline';
import { rememberResult, standIn } from '../fallback';
import { enclosingDeadline } from '../loop/enclosing-deadline';
import { OriginFinder } from '../loop/origins';
import { OwnTurns } from '../loop/own-turns';
import { internalsOf, type Internals } from '../n8n/internals';
import { failureOfError } from '../n8n/item-failure';
import { subWorkflowOptions } from '../description';
import { HELD_OUTPUT } from '../ports';
import { readForItem } from '../read-for-item';
import { services } from '../services';
import type { Step, StepPlan } from '../step';
import { guardUnwiredOutputs, passOn, StepOutputs } from '../step-outputs';
import { LONGEST_WAIT_IN_PROCESS_MS } from '../waits';
import { inParallel } from './in-parallel';
import { runSubWorkflow } from './run-sub-workflow';

/** A call that goes on later. */
interface Postponed {
	readonly progress: CallProgress;
	readonly dueAt: number;
}

/** What one item's call ended with. */
type Ending =
	| { readonly kind: 'postponed'; readonly postponed: Postponed }
	| { readonly kind: 'done'; readonly leave: (outputs: StepOutputs) => void };

/**
 * Guards a sub-workflow: runs it for every item under the step's policies, several at once, and hands results on in
 * the order of the items. One item's failure is its own.
 * @returns items by output, or null when the run only made way for others.
 */
export async function runSubWorkflowStep(
	context: IExecuteFunctions,
	step: Step,
): Promise<INodeExecutionData[][] | null> {
	return await new SubWorkflowRun(context, step).run();
}

class SubWorkflowRun {
	private readonly internals: Internals;
	private readonly turns: OwnTurns;
	private readonly finder: OriginFinder;
	private readonly postponed: Record<string, Postponed>;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly step: Step,
	) {
		this.internals = internalsOf(context);
		this.turns = new OwnTurns(context);
		this.finder = new OriginFinder(this.internals, context.getNode().name);
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
		const resumed = (turn?.held ?? []).map((id) => this.postponed[id]);
		if (turn) {
			if (!this.turns.isDrained()) return null;
			const dueAt = Math.min(...resumed.map((call) => call?.dueAt ?? 0));
			const waitMs = dueAt - services.clock.now();
			if (waitMs >= LONGEST_WAIT_IN_PROCESS_MS) {
				this.turns.suspend(dueAt);
				return null;
			}
			if (waitMs > 0) await sleep(services.clock, waitMs, this.context.getExecutionCancelSignal());
			for (const id of turn.held ?? []) delete this.postponed[id];
		}
		return await this.runItems(this.context.getInputData(0), resumed);
	}

	private async runItems(
		items: readonly INodeExecutionData[],
		resumed: ReadonlyArray<Postponed | undefined>,
	): Promise<INodeExecutionData[][]> {
		const outputs = new StepOutputs();
		const read = items.map((item, index) => this.readSettings(item, index));
		const endings = await inParallel(
			items,
			read[0]?.settings?.parallelism ?? 1,
			async (item, index) => {
				const { settings, outputs: problems } = read[index]!;
				if (settings) return await this.runItem(item, index, settings, resumed[index]);
				return done((all) => all.failed.push(...problems.failed));
			},
		);
		const held: Array<{ id: string; dueAt: number; item: INodeExecutionData }> = [];
		for (const [index, ending] of endings.entries()) {
			if (ending.kind === 'done') ending.leave(outputs);
			else {
				const id = `${this.internals.runIndex}:${index}`;
				const { postponed } = ending;
				this.postponed[id] = postponed;
				const item = passOn(items[index]!, { item: index, input: 0 });
				held.push({ id, dueAt: postponed.dueAt, item });
			}
		}
		guardUnwiredOutputs(this.context, outputs, 0);
		const { success, failed, rejected } = outputs;
		const all = [success, failed, rejected];
		if (held.length === 0) return all;

		const heldItems = held.map(({ item }) => item);
		while (all.length < HELD_OUTPUT) all.push([]);
		const dueAt = Math.min(...held.map((call) => call.dueAt));
		this.turns.takeWithHeld({ held: held.map(({ id }) => id), dueAt }, heldItems);
		return [...all, heldItems];
	}

	/** What the user set for an item; where that cannot be used, the item's failure. */
	private readSettings(item: INodeExecutionData, index: number) {
		const outputs = new StepOutputs();
		const settings = readForItem(this.context, index, item, outputs, (parameters) => ({
			plan: this.step.plan(parameters),
			workflowId: parameters.workflowId('workflowId'),
			parallelism: parameters.options(subWorkflowOptions).parallelism,
		}));
		return { settings, outputs };
	}

	private async runItem(
		item: INodeExecutionData,
		index: number,
		{ plan, workflowId }: { plan: StepPlan; workflowId: string },
		resumed: Postponed | undefined,
	): Promise<Ending> {
		if (resumed && resumed.dueAt > services.clock.now())
			return { kind: 'postponed', postponed: resumed };
		let attempts = resumed?.progress.attempt ?? 1;
		const source = this.context.getExecuteData().source?.main?.[0];
		try {
			const results = await new Pipeline(plan.definition, {
				...services,
				describeFailure: failureOfError,
			}).execute(
				async (attempt) => {
					attempts = attempt.attempt;
					const running = runSubWorkflow(this.context, workflowId, item, index, attempt);
					return await running.catch(async () => {
						if (services.clock.now() < attempt.deadlineAt) return await running;
						// n8n has stopped the child just now; that time is up, the pipeline says better.
						return await new Promise<never>(() => {});
					});
				},
				{
					keys: plan.keys,
					signal: this.context.getExecutionCancelSignal(),
					deadlineAt: enclosingDeadline(this.internals, this.finder, source, index),
					longestWaitMs: LONGEST_WAIT_IN_PROCESS_MS,
					resume: resumed?.progress,
				},
			);
			await rememberResult(plan.fallback, results);
			return done((outputs) => outputs.success.push(...results));
		} catch (error) {
			if (error instanceof PostponedError) {
				return { kind: 'postponed', postponed: { progress: error.progress, dueAt: error.dueAt } };
			}
			return await this.ended(error, plan, item, index, attempts);
		}
	}

	private async ended(
		error: unknown,
		{ fallback }: StepPlan,
		item: INodeExecutionData,
		index: number,
		attempts: number,
	): Promise<Ending> {
		// n8n ends the execution whatever leaves, and nothing may stand in for what the user stopped.
		if (this.context.getExecutionCancelSignal()?.aborted) return done(() => {});
		const place = { item: index, input: 0 };
		const failure = failureOfError(error);
		const substitute = await standIn(this.context, fallback, failure, item, place);
		if (substitute) return done((outputs) => outputs.success.push(...substitute));
		if (error instanceof RejectedError)
			return done((outputs) => outputs.reject(item, place, error));
		const { description, remedy = description } = error as {
			description?: string;
			remedy?: string;
		};
		return done((outputs) =>
			outputs.fail(item, place, { failure, attempts, remedy: remedy ?? undefined }),
		);
	}
}

const done = (leave: (outputs: StepOutputs) => void): Ending => ({ kind: 'done', leave });
