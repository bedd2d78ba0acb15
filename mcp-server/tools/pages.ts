import { z } from 'zod';

import { InvalidOptionError } from '../../core/errors';
import { showValue } from '../../core/options';

/** Longest cursor, in characters. */
const LONGEST_CURSOR = 4_000;

/** Where a tool that answers page by page takes the end of the page before. */
export const cursor = z
	.string()
	.max(LONGEST_CURSOR)
	.optional()
	.describe('The nextCursor of the page before.');

/** Cursors of one list: where a page ends, written so that nobody takes it for anything else. */
export class Pages {
	private readonly prefix: string;

	/**
	 * @param list whose pages they are, so that a cursor of another list is none.
	 * @param place how the place of an entry of the list looks.
	 */
	constructor(
		list: string,
		private readonly place: RegExp,
	) {
		this.prefix = `${list}:`;
	}

	/** @param place of the last entry of a page, where more follow. @returns undefined where none do. */
	next(place: string | undefined): string | undefined {
		return place === undefined ? undefined : base64(`${this.prefix}${place}`);
	}

	/**
	 * The place after which a page begins; undefined for the first page.
	 * @throws {InvalidOptionError} where the cursor is none of this list.
	 */
	after(given: string | undefined): string | undefined {
		if (given === undefined) return undefined;
		const text = Buffer.from(given, 'base64url').toString();
		const place = text.slice(this.prefix.length);
		if (text.startsWith(this.prefix) && base64(text) === given && this.place.test(place))
			return place;
		throw new InvalidOptionError(
			'cursor',
			showValue(given),
			'not the nextCursor of a page of this list',
			'Give the nextCursor of the page before as it is, or leave it out for the first page',
		);
	}
}

const base64 = (text: string): string => Buffer.from(text).toString('base64url');
