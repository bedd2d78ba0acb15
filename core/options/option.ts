import { z } from 'zod';

/** What an option's schema says about itself beyond its type; read back by `describeOptions`. */
export interface OptionMeta {
	/** Name as shown to users. */
	title: string;
	/** One or two sentences: what it does. */
	description: string;
	/** Unit of a number, e.g. `ms`, `%`, `calls`. */
	unit?: string;
	/** Where enum: label per value. */
	labels?: Record<string, string>;
	/** Shown only while the named sibling option has one of these values. */
	showWhen?: Record<string, ReadonlyArray<string | number | boolean>>;
}

/** A whole number within bounds. */
export const integer = (min: number, max: number, fallback: number, meta: OptionMeta) =>
	z
		.number()
		.int()
		.min(min)
		.max(max)
		.default(fallback)
		.meta({ ...meta });

/** A number within bounds. */
export const decimal = (min: number, max: number, fallback: number, meta: OptionMeta) =>
	z
		.number()
		.min(min)
		.max(max)
		.default(fallback)
		.meta({ ...meta });

/** One of a few names. */
export const choice = <const T extends Readonly<Record<string, string>>>(
	labels: T,
	fallback: keyof T & string,
	meta: OptionMeta,
) =>
	z
		.enum(Object.keys(labels) as [keyof T & string, ...Array<keyof T & string>])
		.default(fallback as never)
		.meta({ ...meta, labels });

/** Yes or no. */
export const toggle = (fallback: boolean, meta: OptionMeta) =>
	z
		.boolean()
		.default(fallback)
		.meta({ ...meta });

/** Short text. */
export const text = (maxLength: number, fallback: string, meta: OptionMeta) =>
	z
		.string()
		.max(maxLength)
		.default(fallback)
		.meta({ ...meta });

/** A duration from nothing to 366 days, in whole milliseconds. */
export const LONGEST_DURATION_MS = 366 * 24 * 3_600_000;
export const duration = (minMs: number, fallbackMs: number, meta: Omit<OptionMeta, 'unit'>) =>
	integer(minMs, LONGEST_DURATION_MS, fallbackMs, { ...meta, unit: 'ms' });
