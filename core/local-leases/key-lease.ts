import { leaseEnd, longestLeaseMs, mostLeased } from '../policies/rate-limiter';
import type {
	Admission,
	AdmitRequest,
	Awaitable,
	CancelTimer,
	Clock,
	Permit,
	PolicyStore,
} from '../ports';
import type { LimiterGuard } from './limiter-guard';

/** What a lease works with. */
export interface LeaseEnvironment {
	readonly shared: PolicyStore;
	readonly clock: Clock;
	readonly newPermitId: () => string;
}

/** A call that waits for permits. */
interface WaitingCall {
	readonly request: AdmitRequest;
	readonly weight: number;
	resolve(answer: Awaitable<Admission>): void;
	reject(error: unknown): void;
}

/** Permits that were taken together and are not used yet. */
interface Batch {
	left: number;
	/** By the store's clock; what a permit shows as its token. */
	readonly tokens: readonly [takenAt: number];
	/** May be used from then until then, by the clock of this process. */
	readonly usableFrom: number;
	readonly usableUntil: number;
}

/** The store has turned a call of this weight away. */
interface Refusal {
	readonly weight: number;
	/** When asking again is worth it; `Infinity` when time alone does not help. */
	readonly retryAt: number;
	/** Until then the store is not asked: later somebody may have given permits back. */
	readonly heededUntil: number;
}

/** How far the store's clock is ahead of ours, in ms: at least and at most, by what it said when it last answered. */
interface ClockOffset {
	readonly least: number;
	readonly most: number;
}

/**
 * The permits that this process has of one key of a limiter. As many are taken at once as will likely be used before
 * their time is over: by what was used in the time before, or has been in this one when that is more.
 */
export class KeyLease {
	private batch: Batch | undefined;
	/** When the present lease time is over, by the store's clock; undefined while none runs. */
	private timeEnd: number | undefined;
	/** Permits used in this lease time, and in the one before. */
	private used = 0;
	private usedBefore = 0;
	private refusal: Refusal | undefined;
	private readonly waiting: WaitingCall[] = [];
	/** By all who wait. */
	private wanted = 0;
	private taking: Promise<void> | undefined;
	private offset: ClockOffset | undefined;
	private cancelTimer: CancelTimer | undefined;
	private readonly most: number;

	constructor(
		private readonly guard: LimiterGuard,
		private readonly environment: LeaseEnvironment,
		/** Called when nothing is left to remember. */
		private readonly whenIdle: () => void,
	) {
		this.most = mostLeased(guard.policy.options);
	}

	/** Answers at once where it can. Calls that cannot be served yet share one request to the store. */
	admit(request: AdmitRequest, weight: number): Awaitable<Admission> {
		const now = this.environment.clock.now();
		const { batch, refusal } = this;
		if (this.waiting.length === 0) {
			if (batch !== undefined && batch.left >= weight && isUsable(batch, now)) {
				batch.left -= weight;
				this.used += weight;
				return granted(request, batch, now);
			}
			if (refusal !== undefined && now < refusal.heededUntil && weight >= refusal.weight)
				return {
					status: 'rejected',
					by: request.guards[0]!,
					retryAfterMs: Math.max(1, refusal.retryAt - now),
				};
		}
		// One request takes at most one batch; those beyond need not wait for the next.
		if (this.wanted + weight > this.most) return this.environment.shared.admit(request);
		return new Promise((resolve, reject) => {
			this.waiting.push({ request, weight, resolve, reject });
			this.wanted += weight;
			this.taking ??= this.takeForAll();
		});
	}

	/** Gives back what nobody has used, also of what is on its way, and keeps no time any more. */
	async end(): Promise<void> {
		const givenBack = this.giveBack();
		await this.taking;
		this.cancelTimer?.();
		this.cancelTimer = undefined;
		if (!this.taking) this.whenIdle();
		await Promise.all([givenBack, this.giveBack()]);
	}

	private async giveBack(): Promise<void> {
		const { batch, guard, environment } = this;
		this.batch = undefined;
		if (batch === undefined || batch.left === 0) return;
		this.refusal = undefined;
		const permit: Permit = {
			id: environment.newPermitId(),
			guards: [{ ...guard, weight: batch.left }],
			tokens: [0],
			admittedAt: batch.tokens[0],
			leased: false,
			timeoutMs: undefined,
		};
		try {
			await environment.shared.refund(permit);
		} catch {
			// What a store does not hear comes back when its window is over.
		}
	}

	private async takeForAll(): Promise<void> {
		try {
			while (this.waiting.length > 0) await this.takeOnce();
		} catch (error) {
			for (const call of this.leaveLine(this.waiting.length)) call.reject(error);
		} finally {
			this.taking = undefined;
		}
	}

	private async takeOnce(): Promise<void> {
		const { shared, clock, newPermitId } = this.environment;
		const [first] = this.waiting as [WaitingCall];
		const askedAt = clock.now();
		const size = Math.max(this.wanted, this.usedInRestOf(askedAt));
		void this.giveBack();
		if (size === first.weight) return await this.answerEach();

		const answer = await shared.admit({
			...first.request,
			permitId: newPermitId(),
			guards: [{ ...this.guard, weight: size }],
		});
		if (answer.status === 'granted' && !answer.permit.degraded) {
			this.start(answer.permit, askedAt);
			return;
		}
		this.forgetUse();
		if (answer.status === 'granted') await shared.refund(answer.permit);
		// So many are not to be had, or the store cannot be reached.
		await this.answerEach();
	}

	/** Each call that waits asks for itself. */
	private async answerEach(): Promise<void> {
		await Promise.all(this.leaveLine(this.waiting.length).map((call) => this.answer(call)));
	}

	private async answer({ request, weight, resolve, reject }: WaitingCall): Promise<void> {
		const { shared, clock } = this.environment;
		const askedAt = clock.now();
		try {
			const answer = await shared.admit(request);
			if (answer.status === 'granted' && !answer.permit.degraded) {
				this.noteGrant(answer.permit, askedAt);
				this.used += weight;
			} else if (answer.status === 'rejected' && !answer.isStoreDown) {
				this.noteRefusal(weight, answer.retryAfterMs, clock.now());
			}
			resolve(answer);
		} catch (error) {
			reject(error);
		}
	}

	private noteRefusal(weight: number, retryAfterMs: number, now: number): void {
		const heededMs = Math.min(retryAfterMs, this.guard.policy.options.leaseMaxAgeMs);
		this.refusal = { weight, retryAt: now + retryAfterMs, heededUntil: now + heededMs };
		this.forgetUse();
		this.keepTime(heededMs);
	}

	/** Serves those who wait. They may use what they waited for, however long the answer took. */
	private start(permit: Permit, askedAt: number): void {
		const { admittedAt, guards } = permit;
		const offset = this.noteGrant(permit, askedAt);
		const batch: Batch = {
			left: guards[0]!.weight,
			tokens: [admittedAt],
			usableFrom: askedAt,
			usableUntil: leaseEnd(this.guard.policy.options, admittedAt) - offset.most,
		};
		this.batch = batch;
		this.refusal = undefined;
		let served = 0;
		for (const { request, weight, resolve } of this.waiting) {
			if (batch.left < weight) break;
			batch.left -= weight;
			this.used += weight;
			served++;
			resolve(granted(request, batch, admittedAt));
		}
		this.leaveLine(served);
	}

	/** The store has granted permits: their time begins. */
	private noteGrant({ admittedAt }: Permit, askedAt: number): ClockOffset {
		const now = this.environment.clock.now();
		const end = leaseEnd(this.guard.policy.options, admittedAt);
		if (this.timeEnd !== undefined && admittedAt >= this.timeEnd) this.startCounting();
		this.timeEnd ??= end;
		this.keepTime(end - admittedAt + 1);
		// Both clocks tell whole milliseconds: each may be up to one further.
		const offset = { least: admittedAt - now - 1, most: admittedAt + 1 - askedAt };
		this.offset = offset;
		return offset;
	}

	/** How many are likely used of a batch that is asked for now. */
	private usedInRestOf(now: number): number {
		if (!this.offset) return 0;
		const { least, most } = this.offset;
		const { options } = this.guard.policy;
		const leftMs = leaseEnd(options, now + least) - (now + most);
		if (leftMs <= 0) return 0;
		const wholeMs = longestLeaseMs(options);
		const byTimeBefore = (this.usedBefore * leftMs) / wholeMs;
		// Never more than has been used, so that a burst doubles what is taken from time to time.
		const byThisTime = this.used * Math.min(1, leftMs / Math.max(1, wholeMs - leftMs));
		return Math.min(this.most, Math.ceil(Math.max(byTimeBefore, byThisTime)));
	}

	private startCounting(): void {
		this.timeEnd = undefined;
		this.usedBefore = this.used;
		this.used = 0;
	}

	/** Starts small again. */
	private forgetUse(): void {
		this.startCounting();
		this.usedBefore = 0;
	}

	private leaveLine(count: number): WaitingCall[] {
		const left = this.waiting.splice(0, count);
		for (const { weight } of left) this.wanted -= weight;
		return left;
	}

	private keepTime(ms: number): void {
		this.cancelTimer?.();
		this.cancelTimer = this.environment.clock.schedule(() => this.endTime(), ms);
	}

	private endTime(): void {
		this.cancelTimer = undefined;
		void this.giveBack();
		if (this.used === 0 && !this.taking) return this.whenIdle();
		this.startCounting();
		this.keepTime(this.guard.policy.options.leaseMaxAgeMs);
	}
}

/** Not while the clock is set back: then it does not say how old they are. */
const isUsable = ({ usableFrom, usableUntil }: Batch, now: number): boolean =>
	now >= usableFrom && now < usableUntil;

const granted = (
	{ permitId, guards }: AdmitRequest,
	{ tokens }: Batch,
	admittedAt: number,
): Admission => ({
	status: 'granted',
	permit: { id: permitId, guards, tokens, admittedAt, leased: false, timeoutMs: undefined },
});
