import { z } from 'zod';

import { isStatusCodeList, matchesStatusCode } from '../../failure';
import type { Failure } from '../../failure';
import { choice, duration, text } from '../../options';

const retryActions = {
	retry: 'Retry',
	'give-up': 'Give Up',
	delay: 'Retry After Own Delay',
} as const;

const LONGEST_TEXT = 500;

/** What to do with one class of errors. A field that is empty matches everything. */
export const retryRule = z.strictObject({
	statusCodes: text(LONGEST_TEXT, '', {
		title: 'Status Codes',
		description: 'HTTP status codes and ranges, separated by commas; empty matches any',
	}).refine((list) => list.trim() === '' || isStatusCodeList(list), {
		message: 'status codes must be numbers or ranges, such as "429, 500-599"',
	}),
	errorName: text(LONGEST_TEXT, '', {
		title: 'Error Name',
		description: "The error's class, in whatever case; empty matches any",
	}),
	errorCode: text(LONGEST_TEXT, '', {
		title: 'Error Code',
		description: "The error's code, in whatever case; empty matches any",
	}),
	messagePattern: text(LONGEST_TEXT, '', {
		title: 'Message Contains',
		description: 'Part of the message, in whatever case; * stands for anything; empty matches any',
	}),
	action: choice(retryActions, 'retry', {
		title: 'Action',
		description: 'What to do with an error that matches all of the above',
	}),
	delayMs: duration(0, 1_000, {
		title: 'Own Delay',
		description: 'Delay before the next attempt, in place of the back-off',
		showWhen: { action: ['delay'] },
	}),
});

type RetryRule = z.output<typeof retryRule>;

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
