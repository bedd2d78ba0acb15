/** Something that is open, and how to end it. */
export interface Closable {
	close(): Promise<void>;
}

/** What nobody asked for during this time is closed, in ms. */
const UNUSED_MS = 600_000;

/** What is open in this process, by what it was opened with: whoever asks for the same shares it. */
export class OpenStacks<Stack extends Closable> {
	private readonly known = new Map<string, { readonly stack: Stack; usedAt: number }>();
	private timer: NodeJS.Timeout | undefined;

	constructor(
		private readonly now: () => number,
		private readonly unusedMs = UNUSED_MS,
	) {}

	use(id: string, open: () => Stack): Stack {
		const found = this.known.get(id) ?? { stack: open(), usedAt: 0 };
		found.usedAt = this.now();
		this.known.set(id, found);
		this.timer ??= setInterval(() => void this.closeUnused(), this.unusedMs).unref();
		return found.stack;
	}

	/** Closes all; the next use opens anew. */
	async closeAll(): Promise<void> {
		clearInterval(this.timer);
		this.timer = undefined;
		const all = [...this.known.values()];
		this.known.clear();
		await Promise.all(all.map(({ stack }) => stack.close()));
	}

	/** A credential may have been corrected, or a workflow deleted. */
	private async closeUnused(): Promise<void> {
		const closing: Array<Promise<void>> = [];
		for (const [id, { stack, usedAt }] of this.known) {
			if (this.now() - usedAt < this.unusedMs) continue;
			this.known.delete(id);
			closing.push(stack.close());
		}
		if (this.known.size === 0) {
			clearInterval(this.timer);
			this.timer = undefined;
		}
		await Promise.allSettled(closing);
	}
}
