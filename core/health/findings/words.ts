import { isoTime } from '../../iso-time';

/** A share as people read it. */
export const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;

/** A length of time, by its largest unit. */
export function duration(ms: number): string {
	if (ms < 1_000) return `${Math.round(ms)} ms`;
	if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
	if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
	return ms < 172_800_000 ? `${Math.round(ms / 3_600_000)} h` : `${Math.round(ms / 86_400_000)} d`;
}

/** Since when, and how long ago that is. @param at now, as `since` in ms since the epoch */
export const sinceWords = (since: number, at: number): string =>
	`since ${isoTime(since)} (${duration(Math.max(0, at - since))} ago)`;

/** `1 job`, `2 jobs`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
	`${number} ${number === 1 ? one : many}`;

/** Per second, or per minute where that is less than one. */
export const rate = (perSecond: number): string =>
	perSecond >= 1 || perSecond === 0
		? `${Math.round(perSecond * 10) / 10}/s`
		: `${Math.round(perSecond * 600) / 10}/min`;
