const TTY_EVERY_MS = 500;
const LINE_EVERY_MS = 15_000;

/** Tells a person what is going on: a line that is rewritten on a terminal, now and then one elsewhere. */
export class Progress {
	private readonly out: NodeJS.WriteStream;

	constructor(out: NodeJS.WriteStream) {
		this.out = out;
	}

	/** A line that stays. */
	say(text: string): void {
		this.out.write(`${text}\n`);
	}

	/** Shows a step with its elapsed time while `work` runs; `work` may say what it is at. */
	async during<T>(title: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
		const startedAt = Date.now();
		let latest = '';
		const line = () => `${title}${latest === '' ? '' : `: ${latest}`} (${elapsed(startedAt)})`;
		const show = () => this.out.write(this.out.isTTY ? `\r\x1b[2K${line()}` : `${line()}\n`);
		this.out.write(this.out.isTTY ? title : `${title} ...\n`);
		const timer = setInterval(show, this.out.isTTY ? TTY_EVERY_MS : LINE_EVERY_MS);
		const detail = (text: string) => {
			latest = text;
		};
		try {
			const result = await work(detail);
			latest = 'done';
			this.out.write(`${this.out.isTTY ? '\r\x1b[2K' : ''}${line()}\n`);
			return result;
		} catch (error) {
			if (this.out.isTTY) this.out.write('\n');
			throw error;
		} finally {
			clearInterval(timer);
		}
	}
}

function elapsed(since: number): string {
	const seconds = Math.round((Date.now() - since) / 1000);
	return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
