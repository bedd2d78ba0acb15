import type { Baseline } from './baseline';

const FAILED = 1;
const SLOW = 2;
const CALLS_PER_WORD = 16;

/**
 * The last `size` calls, two bits each in a ring of words. The first word lies in the object itself and the others
 * come with use, so that a million breakers with a few calls each stay small.
 */
export class CountWindow {
	total = 0;
	failures = 0;
	slows = 0;
	private next = 0;
	private firstWord = 0;
	private moreWords: number[] | undefined;

	constructor(private readonly size: number) {}

	/** Takes a call in. The one that leaves for it teaches the baseline, if there is one. */
	add(failed: boolean, slow: boolean, baseline: Baseline | undefined): void {
		if (this.total < this.size) {
			this.total++;
		} else {
			const dropped = this.callAt(this.next);
			baseline?.learn(1, dropped & FAILED, this.size);
			this.failures -= dropped & FAILED;
			this.slows -= (dropped & SLOW) >> 1;
		}
		if (failed) this.failures++;
		if (slow) this.slows++;
		this.write(this.next, (failed ? FAILED : 0) | (slow ? SLOW : 0));
		this.next = this.next + 1 === this.size ? 0 : this.next + 1;
	}

	/** Itself if it is large enough, else a larger one with all its calls. */
	grownTo(size: number): CountWindow {
		if (size <= this.size) return this;
		const larger = new CountWindow(size);
		for (let nth = this.total; nth > 0; nth--) {
			const call = this.callAt((this.next - nth + this.size) % this.size);
			larger.add((call & FAILED) !== 0, (call & SLOW) !== 0, undefined);
		}
		return larger;
	}

	private callAt(place: number): number {
		return (this.word(place) >> shiftOf(place)) & (FAILED | SLOW);
	}

	private write(place: number, call: number): void {
		const shift = shiftOf(place);
		const changed = (this.word(place) & ~((FAILED | SLOW) << shift)) | (call << shift);
		const word = Math.floor(place / CALLS_PER_WORD);
		if (word === 0) this.firstWord = changed;
		else (this.moreWords ??= [])[word - 1] = changed;
	}

	private word(place: number): number {
		const word = Math.floor(place / CALLS_PER_WORD);
		return word === 0 ? this.firstWord : (this.moreWords?.[word - 1] ?? 0);
	}
}

const shiftOf = (place: number): number => (place % CALLS_PER_WORD) * 2;
