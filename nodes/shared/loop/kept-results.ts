import type { CallLedger } from '../ledger/call-ledger';
import type { OwnItems } from '../lineage/own-items';
import { passOn, type ItemPlace, type Result } from '../step-outputs';

/** Results that wait until all of them can leave together: stored once, in the run data of the step. */
export class KeptResults {
	constructor(
		private readonly ledger: CallLedger,
		private readonly own: OwnItems,
	) {}

	get isEmpty(): boolean {
		return this.ledger.kept.length === 0;
	}

	add(results: readonly Result[]): void {
		for (const { item, ...result } of results) {
			const place = this.own.keep(item, item.pairedItem as ItemPlace);
			this.ledger.kept.push({ ...result, place });
		}
	}

	takeAll(): Result[] {
		return this.ledger.kept.splice(0).map(({ place, ...result }) => ({
			...result,
			item: passOn(this.own.at(place), this.own.placeOf(place)),
		}));
	}
}
