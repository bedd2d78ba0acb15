import { z } from 'zod';

import { isStatusCodeList, matchesStatusCode } from '../../failure';
import type { Failure } from '../../failure';

export const retryActions = {
	retry: 'Retry',
	'give-up': 'Give Up',
	delay: 'Retry After Own Delay',
} as const;

/** What to do with one class of errors. A field that is empty matches everything. */
export const retryRule = z.strictObject({
	statusCodes: z
		.string()
		.max(500)
		.default('')
		.refine((list) => list.trim() === '' || isStatusCodeList(list), {
			message: 'status codes must be numbers or ranges, such as "429, 500-599"',
		}),
	errorName: z.string().max(500).default(''),
	errorCode: z.string().max(500).default(''),
	messagePattern: z.string().max(500).default(''),
	action: z.enum(['retry', 'give-up', 'delay']).default('retry'),
	delayMs: z
		.number()
		.int()
		.min(0)
		.max(366 * 24 * 3_600_000)
		.default(1_000),
});

export type RetryRule = z.output<typeof retryRule>;

/** The first rule whose every given field matches the failure. */
export const findRule = (rules: readonly RetryRule[], failure: Failure): RetryRule | undefined =>
	rules.find(
		(rule) =>
			(isBlank(rule.statusCodes) || matchesStatusCode(rule.statusCodes, failure.statusCode)) &&
			(isBlank(rule.errorName) || sameText(rule.errorName, failure.name)) &&
			(isBlank(rule.errorCode) || sameText(rule.errorCode, failure.code)) &&
			(isBlank(rule.messagePattern) || matchesPattern(rule.messagePattern, failure.message)),
	);

const isBlank = (text: string): boolean => text.trim() === '';

const sameText = (wanted: string, found: string | undefined): boolean =>
	found !== undefined && found.toLowerCase() === wanted.trim().toLowerCase();

/**
 * Whether a text contains a pattern in which `*` stands for anything, in whatever case. No regular expressions:
 * the text comes from outside, and a pattern that backtracks would hang the worker.
 */
function matchesPattern(pattern: string, message: string): boolean {
	const text = message.toLowerCase();
	let from = 0;
	for (const piece of pattern.trim().toLowerCase().split('*')) {
		const at = text.indexOf(piece, from);
		if (at < 0) return false;
		from = at + piece.length;
	}
	return true;
}
