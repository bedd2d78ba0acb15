import type { Progress } from '../cli/index.ts';

/** Prints what happens, by the seconds since the fault. */
export class Transcript {
	private readonly progress: Pick<Progress, 'say'>;
	private since: number | undefined;

	constructor(progress: Pick<Progress, 'say'>) {
		this.progress = progress;
	}

	/** From now on times are counted. */
	begin(what: string): void {
		this.since = Date.now();
		this.say(what);
	}

	say(text: string): void {
		const time =
			this.since === undefined ? 'before' : `${((Date.now() - this.since) / 1_000).toFixed(1)} s`;
		const [first = '', ...others] = text.split('\n');
		this.progress.say([`[${time}] ${first}`, ...others.map((line) => `    ${line}`)].join('\n'));
	}
}
