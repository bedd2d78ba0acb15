import type { CronTime } from 'cron';

type Field = ReadonlySet<number>;
type FieldName = 'second' | 'minute' | 'hour' | 'dayOfMonth' | 'month' | 'dayOfWeek';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** What the library read in an expression. */
export class CronFields {
	private readonly days: Field;
	private readonly months: Field;
	private readonly weekdays: Field;
	/** Since midnight, ms. */
	private readonly timesOfDay: readonly number[];

	constructor(time: CronTime) {
		// The library tells them in words alone, which leave out the last second, minute and hour.
		const read = time as unknown as Readonly<Record<FieldName, Record<string, true>>>;
		const of = (name: FieldName): number[] => Object.keys(read[name]).map(Number);
		this.days = new Set(of('dayOfMonth'));
		this.months = new Set(of('month'));
		this.weekdays = new Set(of('dayOfWeek'));
		this.timesOfDay = of('hour').flatMap((hour) =>
			of('minute').flatMap((minute) =>
				of('second').map((second) => hour * HOUR_MS + minute * MINUTE_MS + second * 1_000),
			),
		);
	}

	/** Those of a day, which begins at that ms since the epoch as clocks show it. */
	timesOf(day: number): readonly number[] {
		return this.hasDay(new Date(day)) ? this.timesOfDay.map((time) => day + time) : [];
	}

	/** A day of the month or of the week is enough where both are given, as ever with cron. */
	private hasDay(date: Date): boolean {
		if (!this.months.has(date.getUTCMonth() + 1)) return false;
		const isDay = this.days.has(date.getUTCDate());
		const isWeekday = this.weekdays.has(date.getUTCDay());
		const areBothGiven = this.days.size < 31 && this.weekdays.size < 7;
		return areBothGiven ? isDay || isWeekday : isDay && isWeekday;
	}
}
