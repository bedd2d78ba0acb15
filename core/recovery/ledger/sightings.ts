import { fingerprintOf, type ConfirmedLoss, type LostExecution } from './lost-execution';

/** Between two looks that are further apart an execution may have been well, in ms. */
const MOST_APART_MS = 120_000;

/** More cannot be lost at a time without everything being lost. */
const MOST_REMEMBERED = 100_000;

interface Sighting {
	readonly fingerprint: string;
	readonly firstSeenAt: number;
	readonly lastSeenAt: number;
}

/** Remembers what was found at earlier looks: only what stays so for a while is believed. */
export class Sightings {
	private readonly known = new Map<string, Sighting>();

	constructor(private readonly confirmAfterMs: number) {}

	/**
	 * Notes one look.
	 * @param lookedAt which executions were looked at: what was not found lost this time begins anew when it is again.
	 * @returns what is believed now, and for how long the rest must stay so, in ms.
	 */
	note(
		lookedAt: Iterable<string>,
		found: readonly LostExecution[],
		at: number,
	): { readonly confirmed: ConfirmedLoss[]; readonly waitMs: number } {
		const lost = new Set(found.map(({ row }) => row.id));
		for (const id of lookedAt) if (!lost.has(id)) this.known.delete(id);
		const confirmed: ConfirmedLoss[] = [];
		let waitMs = 0;
		for (const loss of found) {
			const { firstSeenAt } = this.see(loss, at);
			const leftMs = firstSeenAt + this.confirmAfterMs - at;
			if (leftMs <= 0) confirmed.push({ ...loss, firstSeenAt });
			waitMs = Math.max(waitMs, leftMs);
		}
		this.forgetOld(at);
		return { confirmed, waitMs };
	}

	private see(loss: LostExecution, at: number): Sighting {
		const { id } = loss.row;
		const fingerprint = fingerprintOf(loss);
		const before = this.known.get(id);
		const isSame = before?.fingerprint === fingerprint && at - before.lastSeenAt <= MOST_APART_MS;
		const firstSeenAt = isSame ? before.firstSeenAt : at;
		const sighting = { fingerprint, firstSeenAt, lastSeenAt: at };
		// The one that was seen last comes last.
		this.known.delete(id);
		this.known.set(id, sighting);
		return sighting;
	}

	private forgetOld(at: number): void {
		for (const [id, { lastSeenAt }] of this.known) {
			if (at - lastSeenAt <= MOST_APART_MS && this.known.size <= MOST_REMEMBERED) return;
			this.known.delete(id);
		}
	}
}
