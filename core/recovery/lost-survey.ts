import type { LostSeen, LostView } from '../health';
import type { Clock } from '../ports';
import type { ExecutionLedger } from './execution-ledger';

/** What was seen longer ago is looked for anew, in ms: what is lost is to be known of within 30 s. */
const FRESH_MS = 15_000;

/** Keeps in mind what is lost, so that whoever asks for health need not wait until it is looked for. */
export class LostSurvey implements LostView {
	private last: LostSeen | undefined;
	private running: Promise<void> | undefined;

	constructor(
		private readonly ledger: ExecutionLedger,
		private readonly clock: Clock,
	) {}

	async seen(): Promise<LostSeen | undefined> {
		const isFresh = this.last && Math.abs(this.clock.now() - this.last.at) < FRESH_MS;
		if (!isFresh) this.running ??= this.look().finally(() => (this.running = undefined));
		if (!this.last) await this.running;
		return this.last;
	}

	/** Resolves when no look is under way. */
	async close(): Promise<void> {
		await this.running;
	}

	private async look(): Promise<void> {
		// A source that says nothing is a finding of its own.
		const report = await this.ledger.scan().catch(() => undefined);
		if (!report) return;
		const lost = report.lost.map(({ loss, row: { status } }) => ({ loss, status }));
		this.last = { at: this.clock.now(), lost };
	}
}
