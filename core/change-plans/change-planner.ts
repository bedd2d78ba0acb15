import { mayActAs, type Principal } from '../access';
import type { ChangePlan, Clock, PlanStore, Sha256 } from '../ports';
import { changedBy } from './changed-by';
import type { ChangeKind, ChangeReport, OnProgress, Outlook } from './change-kind';
import { PlanRefusedError } from './plan-refused-error';

/** How long a plan can be applied, in ms. */
export const PLAN_LIFE_MS = 5 * 60_000;

/** How long it is told from one that never was, in ms. */
const REMEMBERED_MS = 24 * 3_600_000;

/** Asks whoever can say so whether a plan is to be applied. `no answer`: not while the plan lived. */
export type Confirm = (plan: ChangePlan) => Promise<'yes' | 'no' | 'no answer' | 'cannot be asked'>;

export interface ChangePlannerParts {
	readonly store: PlanStore;
	readonly clock: Clock;
	/** Makes ids that cannot be guessed. */
	readonly newId: () => string;
	readonly sha256: Sha256;
	// Each kind has a request of its own; who plans by name has checked it against that kind's schema.
	readonly kinds: ReadonlyArray<ChangeKind<never>>;
}

/** Plan, confirm, apply: the only way to change the stack. */
export class ChangePlanner {
	constructor(private readonly parts: ChangePlannerParts) {}

	/** Looks at what is there, says what would be done about it, and gives that an id. */
	async plan(
		kindName: string,
		request: unknown,
		madeBy: Principal,
		signal: AbortSignal,
	): Promise<ChangePlan> {
		const { store, clock, newId } = this.parts;
		const kind = this.kind(kindName);
		const outlook = await kind.foresee(request, signal);
		const madeAt = clock.now();
		const plan: ChangePlan = {
			id: newId(),
			kind: kindName,
			effect: kind.effect,
			role: kind.role,
			summary: outlook.summary,
			steps: outlook.steps,
			madeBy,
			madeAt,
			expiresAt: madeAt + PLAN_LIFE_MS,
			stateDigest: this.digest(outlook),
			question: newId(),
			request,
		};
		await store.save(plan, REMEMBERED_MS);
		return plan;
	}

	/**
	 * Does what a plan says: once, while it is fresh, if what it was made from is still so, and if whoever can be asked
	 * says yes. Who says no uses it up.
	 * @throws {PlanRefusedError} otherwise; nothing is changed then.
	 */
	async apply(
		id: string,
		by: Principal,
		confirm: Confirm,
		signal: AbortSignal,
		onProgress: OnProgress,
	): Promise<{ readonly plan: ChangePlan; readonly report: ChangeReport }> {
		const plan = await this.findUsable(id, by);
		const kind = this.kind(plan.kind);
		await this.confirmed(plan, confirm);
		// After the question, because answering may take minutes.
		await this.findUsable(id, by);
		const outlook = await kind.foresee(plan.request, signal);
		if (this.digest(outlook) !== plan.stateDigest) throw stale();
		signal.throwIfAborted();
		if (!(await this.parts.store.use(id))) throw used();
		return { plan, report: await kind.apply(plan.request, outlook, signal, onProgress, by) };
	}

	private async findUsable(id: string, by: Principal): Promise<ChangePlan> {
		const found = await this.parts.store.find(id);
		if (!found) throw unknown();
		const { plan, isUsed } = found;
		if (!mayActAs(by.role, plan.role)) throw notAllowed(by, plan);
		if (isUsed) throw used();
		if (this.parts.clock.now() >= plan.expiresAt) throw expired();
		if (changedBy(plan.steps).length === 0) throw empty();
		return plan;
	}

	/** A plan to which somebody says no is used up, so that nobody is asked until they give in. */
	private async confirmed(plan: ChangePlan, confirm: Confirm): Promise<void> {
		switch (await confirm(plan)) {
			case 'yes':
				return;
			case 'no':
				await this.parts.store.use(plan.id);
				throw declined();
			case 'no answer':
				throw expired();
			case 'cannot be asked':
				throw unasked();
		}
	}

	private kind(name: string): ChangeKind<unknown> {
		const kind = this.parts.kinds.find((known) => known.name === name);
		if (!kind) throw new RangeError(`There is no kind of change named "${name}"`);
		return kind as ChangeKind<unknown>;
	}

	private digest({ steps, state }: Outlook): string {
		return this.parts.sha256(JSON.stringify([steps, state]));
	}
}

const unknown = () =>
	new PlanRefusedError(
		'PLAN_UNKNOWN',
		'There is no plan with this id',
		'Make a plan first and pass on its id as it is',
	);

const used = () =>
	new PlanRefusedError(
		'PLAN_USED',
		'The plan was applied already, or declined',
		'Look at what it did, and make a new plan for what is left',
	);

const declined = () =>
	new PlanRefusedError(
		'PLAN_NOT_CONFIRMED',
		'Whoever was asked to confirm the plan did not say yes',
		'Nothing to do: the plan is used up; make another one if something else is wanted',
	);

const unasked = () =>
	new PlanRefusedError(
		'PLAN_NOT_CONFIRMED',
		'The plan needs to be confirmed, and nobody can be asked by way of this client',
		'Use a client that supports elicitation, over HTTP one of revision 2026-07-28 (over stdio 2025-11-25 will do), or let an administrator set "confirmation" to "when possible"',
	);

const expired = () =>
	new PlanRefusedError(
		'PLAN_EXPIRED',
		`The plan is older than ${PLAN_LIFE_MS / 60_000} minutes`,
		'Make it again and look at its steps anew',
	);

const stale = () =>
	new PlanRefusedError(
		'PLAN_STALE',
		'What the plan was made from has changed since',
		'Make it again and look at its steps anew',
	);

const empty = () =>
	new PlanRefusedError(
		'PLAN_EMPTY',
		'The plan changes nothing',
		'Nothing to do: where it has steps, they say why what they name is left',
	);

const notAllowed = (by: Principal, plan: ChangePlan) =>
	new PlanRefusedError(
		'PLAN_NOT_ALLOWED',
		`Applying the plan takes the role "${plan.role}"; ${by.name} has "${by.role}"`,
		`Ask somebody with the role "${plan.role}" to apply it`,
	);
