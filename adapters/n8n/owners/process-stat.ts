/** What Linux says of a process in /proc/PID/stat. */
export interface ProcessStat {
	/** Since the machine started, in ms, by steps of 10 ms. */
	readonly startedMs: number;
	readonly residentPages: number;
}

/** Linux shows times to programs in hundredths of a second, whatever it counts in itself. */
const TICK_MS = 10;

/** Its second field is a name that may hold blanks and brackets; numbers are those of `man proc_pid_stat`. */
export function processStatOf(text: string): ProcessStat {
	const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
	const field = (number: number) => Number(fields[number - 3]);
	return { startedMs: field(22) * TICK_MS, residentPages: field(24) };
}
