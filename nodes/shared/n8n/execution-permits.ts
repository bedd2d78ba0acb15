import type { IExecuteFunctions } from 'n8n-workflow';

import type { Permit } from '../../../core/ports';
import type { Services } from '../services';
import { internalsOf } from '../internals';
import { watchExecution } from './watch-execution';

const heldBy = new WeakMap<object, ExecutionPermits>();

/**
 * The permits that one execution holds for calls which are on their way through the canvas. They are kept alive
 * while the execution runs in this process and given back when it ends, in whatever way; while it waits, and when
 * the process dies, their leases run out.
 */
export class ExecutionPermits {
	private readonly permits = new Map<string, { permit: Permit; services: Services }>();
	private hasEnded = false;

	private constructor() {}

	/** Those of the execution that a context belongs to. */
	static of(context: IExecuteFunctions): ExecutionPermits {
		const { runExecutionData } = internalsOf(context);
		let held = heldBy.get(runExecutionData);
		if (!held) {
			const created = new ExecutionPermits();
			held = created;
			heldBy.set(runExecutionData, created);
			watchExecution(context, {
				onEnd: async () => await created.giveBackAll(),
				onWait: async () => created.letLapse(),
			});
		}
		return held;
	}

	async hold(permit: Permit, services: Services): Promise<void> {
		this.permits.set(permit.id, { permit, services });
		if (permit.leased) services.leases.keep(permit);
		// A step may still be at work when the execution has been stopped.
		if (this.hasEnded) await this.giveBack(permit.id);
	}

	/** Takes a permit out to settle it; undefined when this process does not hold it. */
	takeOut(permitId: string): Permit | undefined {
		const held = this.permits.get(permitId);
		if (!held) return undefined;
		this.permits.delete(permitId);
		held.services.leases.release(held.permit);
		return held.permit;
	}

	/** Ends a permit without an outcome. */
	async giveBack(permitId: string): Promise<void> {
		const services = this.permits.get(permitId)?.services;
		const permit = this.takeOut(permitId);
		if (permit) await services!.store.settle(permit, { kind: 'ignored', latencyMs: 0 });
	}

	private async giveBackAll(): Promise<void> {
		this.hasEnded = true;
		await Promise.all([...this.permits.keys()].map((permitId) => this.giveBack(permitId)));
	}

	private letLapse(): void {
		for (const { permit, services } of this.permits.values()) services.leases.release(permit);
	}
}
