import type { LostSeen, LostView } from '../../health';
import type { Clock } from '../../ports';
import type { ExecutionLedger, LedgerReport } from './execution-ledger';

/** What was seen longer ago is looked for anew, in ms: what is lost is to be known of within 30 s. */
const FRESH_MS = 15_000;

/** What was seen longer ago is not told before that look has ended, in ms. */
const STALE_MS = 30_000;

/** Keeps in mind what is lost, so that whoever asks for health need not wait until it is looked for. */
export class LostSurvey implements LostView {
	private last: LostSeen | undefined;
	private running: Promise<void> | undefined;

	constructor(
		private readonly ledger: ExecutionLedger,
		private readonly clock: Clock,
	) {}

	async seen(): Promise<LostSeen | undefined> {
		const ageMs = this.last ? Math.abs(this.clock.now() - this.last.at) : Infinity;
		if (ageMs >= FRESH_MS) this.running ??= this.look().finally(() => (this.running = undefined));
		if (ageMs >= STALE_MS) await this.running;
		return this.last;
	}

	/** Resolves when no look is under way. */
	async close(): Promise<void> {
		await this.running;
	}

	private async look(): Promise<void> {
		const report = await this.ledger.scan().catch(() => undefined);
		// What was lost is so still while nobody can look. That a source says nothing is a finding of its own.
		if (!report || couldNotLook(report)) return;
		const lost = report.lost.map(({ loss, row: { status } }) => ({ loss, status }));
		this.last = { at: report.at, lost };
	}
}

const couldNotLook = ({ lookedAt, gaps }: LedgerReport): boolean =>
	lookedAt === 0 && gaps.some(({ source }) => source === 'database' || source === 'queue');
