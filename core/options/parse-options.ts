import type { z } from 'zod';

import { InvalidOptionError } from '../errors';
import { shorten } from '../shorten';
import { describeOptions, type OptionDescription } from './describe-options';

/** A value as an error may show it: short, on one line, never the whole of a large object. */
export function showValue(value: unknown): string {
	if (value === undefined) return 'missing (the expression resolved to nothing)';
	if (typeof value === 'number' || typeof value === 'boolean' || value === null)
		return String(value);
	if (typeof value === 'string') return JSON.stringify(shorten(value));
	return Array.isArray(value) ? 'a list' : `of type ${typeof value}`;
}

/**
 * Validates raw option values against a policy's schema.
 * Options that are absent get their default; an option that is present but undefined is an error, because it
 * comes from an expression that resolved to nothing. Numbers written as text ("5") are taken as numbers.
 *
 * @throws {InvalidOptionError} naming the option, its value and the remedy.
 */
export function parseOptions<Schema extends z.ZodObject>(
	schema: Schema,
	raw: Readonly<Record<string, unknown>>,
): z.output<Schema> {
	const descriptions = new Map(describeOptions(schema).map((option) => [option.name, option]));
	const input: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(raw)) {
		const option = descriptions.get(name);
		if (!option) {
			throw new InvalidOptionError(shorten(name), showValue(value), 'not an option', 'Remove it');
		}
		if (value === undefined) throw invalid(option, value);
		input[name] = option.type === 'number' ? numberFromText(value) : value;
	}
	const result = schema.safeParse(input);
	if (result.success) return Object.freeze(result.data) as z.output<Schema>;

	const issue = result.error.issues[0]!;
	const [name, ...place] = issue.path;
	const option = descriptions.get(String(name))!;
	// A default may not go together with what is given.
	const used = { [option.name]: option.default, ...input };
	throw invalid(option, valueAt(used, issue.path), issue, place);
}

/** The value that an issue is about: for a list the one within its entry. */
const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
	path.reduce((within, part) => (within as Record<PropertyKey, unknown> | null)?.[part], input);

function numberFromText(value: unknown): unknown {
	if (typeof value !== 'string' || value.trim() === '') return value;
	const number = Number(value);
	return Number.isFinite(number) ? number : value;
}

function invalid(
	option: OptionDescription,
	value: unknown,
	issue?: z.core.$ZodIssue,
	place: readonly PropertyKey[] = [],
): InvalidOptionError {
	const within = place.map((part) => (typeof part === 'number' ? `entry ${part + 1}` : part));
	return new InvalidOptionError(
		[option.title, ...within].join(', '),
		showValue(value),
		issue && (issue.code === 'custom' || within.length > 0)
			? issue.message
			: 'not a value it can have',
		wanted(option),
	);
}

function wanted(option: OptionDescription): string {
	const unit = option.unit ? ` ${option.unit}` : '';
	switch (option.type) {
		case 'number':
			return `Set it to a ${option.integer ? 'whole number' : 'number'} from ${option.minimum} to ${option.maximum}${unit} (default ${String(option.default)})`;
		case 'choice':
			return `Set it to one of: ${Object.keys(option.labels ?? {}).join(', ')} (default ${String(option.default)})`;
		case 'boolean':
			return `Set it to true or false (default ${String(option.default)})`;
		case 'text':
			return `Set it to a text of at most ${option.maxLength} characters`;
		case 'list':
			return 'Correct the entry or remove it';
	}
}
