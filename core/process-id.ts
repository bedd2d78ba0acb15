/** A process that makes ids, as its ids tell. */
export interface IdMaker {
	/** Name of the worker: of its machine or container, unless it was given another. */
	readonly worker: string;
	/** Of the process, within its machine or container. */
	readonly pid: number;
}

/** The end of a longer name tells more: of a pod it is what differs. */
const LONGEST_WORKER = 40;

/** What all ids of a process begin with. @param random never the same for two processes. */
export const idPrefix = ({ worker, pid }: IdMaker, random: string): string =>
	`${worker.replace(/[^\w.-]/g, '_').slice(-LONGEST_WORKER)}/${pid}/${random}`;

/** Who made an id. @returns undefined where it does not say, as ids of versions before. */
export function makerOf(id: string): IdMaker | undefined {
	const [, worker, pid] = /^([\w.-]*)\/(\d+)\//.exec(id) ?? [];
	return worker === undefined ? undefined : { worker, pid: Number(pid) };
}
