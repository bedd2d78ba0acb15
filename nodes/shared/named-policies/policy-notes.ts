import { LoggerProxy, type IExecuteFunctions } from 'n8n-workflow';

import { quoted } from '../../../core/one-line';
import type { PipelineDefinition } from '../../../core/pipeline';
import { describeConflict } from '../../../core/policy-registry';
import type { PolicyConflict, PolicyDefinition, PolicyPlace } from '../../../core/ports';
import type { Services } from '../services';
import type { Step } from '../step';
import { LoadedPolicies } from '../loaded-policies';

/** What has run is not held up for longer by what is to be said of its settings, in ms. */
const LONGEST_WAIT_MS = 100;

/** Conflicts that were reported; beyond so many all are reported anew. */
const MOST_REMEMBERED = 10_000;
const reported = new Set<string>();

/** Notes the policies that a step defines, and tells its user where another step defines one of them differently. */
export class PolicyNotes {
	private readonly seen = new WeakSet<PolicyDefinition>();
	private readonly pending: Array<Promise<void>> = [];
	private readonly conflicts: PolicyConflict[] = [];
	private readonly place: PolicyPlace;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly services: Services,
	) {
		const { id, name } = context.getNode();
		const workflow = context.getWorkflow();
		this.place = {
			id: `${workflow.id ?? 'unsaved'}/${id}`,
			title: `${quoted(name)} of workflow ${quoted(workflow.name ?? '')}`,
		};
	}

	/** The same step, whose plans are noted. */
	around(step: Step): Step {
		return {
			...step,
			plan: (parameters) => {
				const plan = step.plan(parameters);
				for (const policy of definedBy(plan.definition)) this.note(policy);
				return plan;
			},
		};
	}

	/** Reports each conflict once in this process: in the log, and as a hint of the execution. */
	async report(): Promise<void> {
		if (this.pending.length === 0) return;
		let cancelTimer = () => {};
		const late = new Promise<void>((resolve) => {
			cancelTimer = this.services.clock.schedule(resolve, LONGEST_WAIT_MS);
		});
		await Promise.race([Promise.all(this.pending), late]);
		cancelTimer();
		for (const conflict of this.conflicts) {
			const message = describeConflict(conflict);
			if (reported.has(message)) continue;
			if (reported.size >= MOST_REMEMBERED) reported.clear();
			reported.add(message);
			// Who runs production sees no editor.
			LoggerProxy.warn(`Bulwark: ${message}`);
			this.context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
		}
	}

	private note(policy: PolicyDefinition): void {
		if (this.seen.has(policy) || LoadedPolicies.isNamed(policy)) return;
		this.seen.add(policy);
		const noting = this.services.notes.note(policy, this.place);
		if (!noting) return;
		const done = noting.then(
			({ conflicts }) => {
				const own = conflicts.filter(({ newer }) => newer.by.id === this.place.id);
				this.conflicts.push(...own);
			},
			// It is noted with the next call; this one goes on without.
			() => undefined,
		);
		this.pending.push(done);
	}
}

/** What a parent breaker is follows from all of its children. */
const definedBy = (definition: PipelineDefinition): PolicyDefinition[] =>
	[
		definition.rateLimiter,
		definition.retryBudget,
		definition.circuitBreakers?.[0],
		definition.bulkhead,
		definition.attemptTimeout,
	].filter((policy) => policy !== undefined);
