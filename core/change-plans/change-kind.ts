import type { Principal, Role } from '../access';
import type { ChangePlan, PlannedStep } from '../ports';

/** What a kind of change would do now. */
export interface Outlook {
	readonly summary: string;
	/** None when there is nothing to do. */
	readonly steps: readonly PlannedStep[];
	/**
	 * What the steps follow from, as plain data. A plan is refused when this is another by the time it is applied, so
	 * nothing belongs here that changes by itself, such as ages.
	 */
	readonly state: unknown;
}

/** What applying a plan did, step by step. */
export interface ChangeReport {
	readonly summary: string;
	readonly steps: ReadonlyArray<
		PlannedStep & { readonly outcome: 'done' | 'failed' | 'left'; readonly detail?: string }
	>;
}

/** How far the work is. */
export type OnProgress = (done: number, total: number, message: string) => void;

/** A way to change the stack that is planned, confirmed and applied. */
export interface ChangeKind<Request> {
	readonly name: string;
	readonly role: Role;
	readonly effect: ChangePlan['effect'];
	/** Looks, and says what would be done. Changes nothing. */
	foresee(request: Request, signal: AbortSignal): Promise<Outlook>;
	/** Does what `foresee` said. What has been done when it is cancelled stays done, and is reported. */
	apply(
		request: Request,
		outlook: Outlook,
		signal: AbortSignal,
		onProgress: OnProgress,
		by: Principal,
	): Promise<ChangeReport>;
}
