import type { Principal } from '../access';
import type { AuditEvent } from '../audit';
import type { Clock } from '../ports';
import type { ExecutionLedger } from './ledger';
import { CLOSE_CONNECTIONS, healWorker, type HealWorkerParts } from './heal-worker';
import {
	planRepairs,
	RepairCrew,
	stepOf,
	type PlannedRepair,
	type RepairCrewParts,
	type RepairResult,
} from './repairs';

/** What is done without being asked. */
export interface WatchSettings {
	/** From the end of one look to the next, in ms. */
	readonly everyMs: number;
	/** `safe`: what is lost and may be run again is brought back. */
	readonly recover: 'safe' | 'nothing';
	/** `zombies`: connections of workers are closed that take no jobs any more. */
	readonly heal: 'zombies' | 'nothing';
}

/** Sees to it that of several replicas one watches at a time. */
export interface WatchLease {
	/** Takes or keeps the watch for so long, in ms; false while another replica has it. */
	hold(leaseMs: number): Promise<boolean>;
	/** Lets another have it at once. */
	release(): Promise<void>;
}

export interface RecoveryWatchParts extends RepairCrewParts {
	readonly ledger: ExecutionLedger;
	readonly watch: WatchSettings;
	/** Undefined where workers cannot be looked at. */
	readonly healing: HealWorkerParts | undefined;
	readonly lease: WatchLease;
	/** Notes what is done; what cannot be noted is not done. */
	readonly audit: (event: Omit<AuditEvent, 'at'>) => Promise<void>;
	/** Told of what goes wrong at a look. */
	readonly onError: (error: Error) => void;
}

const WATCH: Principal = { name: 'watch', role: 'operator', via: 'watch' };

const CHOICES = { silentWorkers: 'may live', unsafe: 'leave' } as const;

/** A worker whose cure has failed is left to people for so long, in ms. */
const CURE_AGAIN_MS = 10 * 60_000;

/**
 * Looks every so often, and does by itself what somebody with a plan would do: only what is safe, noted in the audit log.
 * One replica watches at a time. Two that do all the same do no harm: claims see to that.
 */
export class RecoveryWatch {
	private readonly crew: RepairCrew;
	private readonly stopping = new AbortController();
	private readonly healedAt = new Map<string, number>();
	/** What looks have led to. Looks go on meanwhile: it may take a minute, in which others are lost. */
	private readonly work = new Set<Promise<void>>();
	/** What goes wrong at look after look is said once. */
	private lastProblem: string | undefined;
	/** Whether anything went wrong since the look before. */
	private hasProblem = false;
	private cancelNext: () => void = () => undefined;
	private running: Promise<void> = Promise.resolve();

	constructor(private readonly parts: RecoveryWatchParts) {
		this.crew = new RepairCrew(parts);
	}

	start(): void {
		this.running = this.turn();
	}

	/** Resolves when nothing is under way any more, and another replica may watch. */
	async stop(): Promise<void> {
		this.stopping.abort();
		this.cancelNext();
		await this.running;
		await Promise.all(this.work);
		await this.parts.lease.release().catch(this.tell);
	}

	private async turn(): Promise<void> {
		const { clock, watch } = this.parts;
		try {
			await this.look();
			if (!this.hasProblem && this.work.size === 0) this.lastProblem = undefined;
		} catch (error) {
			this.tell(error as Error);
		}
		this.hasProblem = false;
		if (this.stopping.signal.aborted) return;
		this.cancelNext = clock.schedule(() => void (this.running = this.turn()), watch.everyMs);
	}

	private readonly tell = (error: Error): void => {
		const { message } = error;
		const isNews = message !== this.lastProblem && !this.stopping.signal.aborted;
		this.lastProblem = message;
		this.hasProblem = true;
		if (isNews) this.parts.onError(error);
	};

	private async look(): Promise<void> {
		const { watch, lease, ledger } = this.parts;
		// Longer than a look takes, and the time to the next one.
		if (!(await lease.hold(3 * watch.everyMs + 30_000))) return;
		// Its second look comes sooner than the watch's next one.
		const { lost } = await ledger.scan(this.stopping.signal);
		if (watch.recover === 'safe' && lost.length > 0) {
			const planned = await planRepairs(this.parts, lost, CHOICES);
			const wanted = planned.filter(
				(one) => one.repair.action !== 'leave' && !this.wasJustGivenUp(one),
			);
			if (wanted.length > 0) this.begin(this.recover(wanted));
		}
		if (watch.heal === 'zombies') await this.heal();
	}

	/** What could not be done, as where n8n does not take the key, can hardly be done at the next look. */
	private wasJustGivenUp({ record }: PlannedRepair): boolean {
		const { clock, settings } = this.parts;
		return (
			record?.step === 'given up' &&
			record.action === 'retry' &&
			clock.now() - record.updatedAt < settings.claimLeaseMs
		);
	}

	private begin(work: Promise<void>): void {
		const done = work.catch(this.tell).finally(() => this.work.delete(done));
		this.work.add(done);
	}

	private async recover(planned: readonly PlannedRepair[]): Promise<void> {
		const input = { steps: planned.map(stepOf) };
		await this.noted('recover executions', input, async () => {
			const results: string[] = [];
			let failed = 0;
			const onDone = ({ lost }: PlannedRepair, { outcome, detail }: RepairResult): void => {
				if (outcome === 'failed') failed++;
				results.push(`execution ${lost.row.id} ${outcome}: ${detail}`);
			};
			await this.crew.carryOut(planned, WATCH, this.stopping.signal, onDone);
			return { outcome: failed > 0 ? 'failed' : 'done', detail: results.join('; ') };
		});
	}

	/** Begins to heal all that can be. */
	private async heal(): Promise<void> {
		const { healing, clock } = this.parts;
		if (!healing) return;
		const { signal } = this.stopping;
		const { workers } = await healing.monitor.observe();
		for (const { id, state } of workers) {
			const isRecent = clock.now() - (this.healedAt.get(id) ?? -Infinity) < CURE_AGAIN_MS;
			// One that does not answer may only be busy: people are to decide about it.
			if (state !== 'zombie' || isRecent) continue;
			const kind = healWorker(healing);
			const request = { worker: id };
			const outlook = await kind.foresee(request, signal);
			if (outlook.steps.every(({ action }) => action !== CLOSE_CONNECTIONS)) continue;
			this.healedAt.set(id, clock.now());
			this.begin(
				this.noted('heal worker', request, async () => {
					const report = await kind.apply(request, outlook, signal, () => undefined, WATCH);
					const hasFailed = report.steps.some(({ outcome }) => outcome === 'failed');
					return { outcome: hasFailed ? 'failed' : 'done', detail: report.summary };
				}),
			);
		}
		this.forgetOld(clock);
	}

	/** Notes that something begins, and how it ends. What cannot be noted is not begun. */
	private async noted(
		operation: string,
		input: unknown,
		work: () => Promise<Pick<AuditEvent, 'outcome' | 'detail'>>,
	): Promise<void> {
		const { audit } = this.parts;
		const event = { who: WATCH, operation: `watch: ${operation}`, input };
		await audit({ ...event, outcome: 'started' });
		const ended = await work().catch(async (error: Error) => {
			await audit({ ...event, outcome: 'failed', detail: error.message });
			throw error;
		});
		await audit({ ...event, ...ended });
	}

	private forgetOld(clock: Clock): void {
		for (const [id, at] of this.healedAt)
			if (clock.now() - at >= CURE_AGAIN_MS) this.healedAt.delete(id);
	}
}
