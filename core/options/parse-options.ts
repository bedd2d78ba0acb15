import type { z } from 'zod';

import { InvalidOptionError } from '../errors';
import { describeOptions, type OptionDescription } from './describe-options';

const LONGEST_SHOWN_VALUE = 60;

/** A value as an error may show it: short, on one line, never the whole of a large object. */
export function showValue(value: unknown): string {
	if (value === undefined) return 'missing (the expression resolved to nothing)';
	if (typeof value === 'number' || typeof value === 'boolean' || value === null)
		return String(value);
	if (typeof value === 'string') {
		const short =
			value.length > LONGEST_SHOWN_VALUE ? `${value.slice(0, LONGEST_SHOWN_VALUE)}…` : value;
		return JSON.stringify(short);
	}
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
	const descriptions = describeOptions(schema);
	const input: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(raw)) {
		const description = descriptions.find((candidate) => candidate.name === name);
		if (description && value === undefined) throw invalid(description, value);
		input[name] = description?.type === 'number' ? numberFromText(value) : value;
	}
	const result = schema.safeParse(input);
	if (result.success) return Object.freeze(result.data) as z.output<Schema>;

	const issue = result.error.issues[0];
	const name = String(issue?.path[0] ?? '');
	const description = descriptions.find((candidate) => candidate.name === name);
	if (!description) {
		throw new InvalidOptionError(
			name || 'options',
			showValue(input[name]),
			issue?.message ?? 'not valid',
			'Remove it',
		);
	}
	if (issue?.code === 'custom') {
		throw new InvalidOptionError(
			description.title,
			showValue(input[name]),
			issue.message,
			wanted(description),
		);
	}
	throw invalid(description, input[name]);
}

function numberFromText(value: unknown): unknown {
	if (typeof value !== 'string' || value.trim() === '') return value;
	const number = Number(value);
	return Number.isFinite(number) ? number : value;
}

function invalid(description: OptionDescription, value: unknown): InvalidOptionError {
	return new InvalidOptionError(
		description.title,
		showValue(value),
		'not a value it can have',
		wanted(description),
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
