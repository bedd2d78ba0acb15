import { BulwarkError, isOfOneState } from '../errors';
import type { CancelTimer, Clock } from '../ports';
import { OverdueError, PATIENCE_MS } from './in-time';
import type { StoreEvent } from './store-event';

/** How long until a store that is lost is tried again, in ms: at first, and at most. */
const FIRST_PROBE_MS = 100;
const LONGEST_PROBE_MS = 1_000;

/** A store that is lost again so soon was not really back: it is not tried again any sooner than before, in ms. */
const RELAPSE_MS = 10_000;

/**
 * How a store is. `up`: it answers. `slow`: it keeps a request waiting, so nobody waits for it, but it may still hear what
 * it is told. `lost`: a request failed, so it is told nothing.
 */
export type StoreCondition = 'up' | 'slow' | 'lost';

/** The health of what keeps the states of a name, where a store has parts that fail one by one. */
export interface StoreHealths<Name> {
	of(name: Name): StoreHealth;
	/** Calls the listener each time a part has answered a probe, which it gets while it is not up. */
	onAnswer(listener: () => void): void;
}

/**
 * Whether a shared store, or a part of it, can be reached. One request that fails or is not answered in time is proof
 * enough; then nobody is kept waiting for it until it has answered a probe in time. One that was only slow is probed at
 * once, and again with each late answer; one that is lost less and less often.
 */
export class StoreHealth implements StoreHealths<unknown> {
	private current: StoreCondition = 'up';
	private leftAt = 0;
	private backAt = -Infinity;
	private probeDelayMs = FIRST_PROBE_MS;
	private isProbing = false;
	/** What has been told of this time that it is not up. */
	private told: 'slow' | 'lost' | undefined;
	private readonly answerListeners = new Set<() => void>();
	private endPause: (() => void) | undefined;
	private isStopped = false;

	constructor(
		private readonly clock: Clock,
		/** Resolves when the store answers. */
		private readonly probe: () => Promise<unknown>,
		private readonly tell: (event: StoreEvent) => void = () => undefined,
	) {}

	get condition(): StoreCondition {
		return this.current;
	}

	/** Whether nobody is to wait for it. */
	get isDown(): boolean {
		return this.current !== 'up';
	}

	/** A store without parts has one health. */
	of(): StoreHealth {
		return this;
	}

	onAnswer(listener: () => void): void {
		this.answerListeners.add(listener);
	}

	/** A request failed or was not answered in time. What concerns one state only says nothing of others. */
	noteFailure(error: unknown): void {
		const at = this.clock.now();
		if (isOfOneState(error)) return this.tell({ type: 'state-invalid', at, reason: textOf(error) });
		if (!(error instanceof OverdueError)) return this.lose(error);
		if (this.current !== 'up') return;
		this.told = 'slow';
		this.tell({ type: 'store-slow', at, afterMs: error.afterMs });
		this.leave('slow');
	}

	/** A request failed that more than this part was asked for. */
	noteDoubt(): void {
		if (this.current === 'up') this.leave('slow');
	}

	/** Ends all probing. */
	stop(): void {
		this.isStopped = true;
		this.endPause?.();
	}

	private lose(error: unknown): void {
		if (this.current === 'lost') return;
		const at = this.clock.now();
		if (this.told !== 'lost') {
			this.told = 'lost';
			const remedy = error instanceof BulwarkError ? error.remedy : undefined;
			this.tell({ type: 'store-lost', at, reason: textOf(error), remedy });
		}
		if (at - this.backAt >= RELAPSE_MS) this.probeDelayMs = FIRST_PROBE_MS;
		this.leave('lost');
	}

	private leave(to: 'slow' | 'lost'): void {
		if (this.current === 'up') this.leftAt = this.clock.now();
		this.current = to;
		if (!this.isProbing) void this.probeUntilBack();
	}

	private async probeUntilBack(): Promise<void> {
		this.isProbing = true;
		while (this.isDown && !this.isStopped) {
			if (this.current === 'lost') await this.pause();
			if (!this.isStopped) await this.probeOnce();
		}
		this.isProbing = false;
	}

	/** Until there is an answer, or one should have come. */
	private async probeOnce(): Promise<void> {
		await Promise.race([this.ask(), this.pause()]);
		this.endPause?.();
	}

	private async ask(): Promise<void> {
		const askedAt = this.clock.now();
		try {
			await this.probe();
		} catch (error) {
			if (this.isDown) this.lose(error);
			return;
		}
		if (!this.isDown) return;
		if (this.clock.now() - askedAt <= PATIENCE_MS) this.comeBack();
		else this.current = 'slow';
		for (const listener of this.answerListeners) listener();
	}

	private comeBack(): void {
		const at = this.clock.now();
		const { told } = this;
		this.current = 'up';
		this.told = undefined;
		if (told) this.tell({ type: 'store-back', at, downMs: at - this.leftAt, from: told });
		if (told === 'lost') this.backAt = at;
	}

	/** Longer each time. */
	private async pause(): Promise<void> {
		const delayMs = this.probeDelayMs;
		this.probeDelayMs = Math.min(LONGEST_PROBE_MS, 2 * delayMs);
		await new Promise<void>((resolve) => {
			const cancel: CancelTimer = this.clock.schedule(resolve, delayMs);
			this.endPause = () => {
				cancel();
				resolve();
			};
		});
	}
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
