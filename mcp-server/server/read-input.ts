import type { z } from 'zod';

import { InvalidOptionError } from '../../core/errors';
import { showValue } from '../../core/options';

/**
 * The arguments of a call.
 * @throws {InvalidOptionError} that names the first that is wrong, its value and the remedy.
 */
export function readInput<Schema extends z.ZodObject>(
	schema: Schema,
	given: unknown,
): z.output<Schema> {
	const result = schema.safeParse(given ?? {});
	if (result.success) return result.data;
	const issue = result.error.issues[0]!;
	if (issue.code === 'unrecognized_keys') {
		const [name] = issue.keys;
		const known = Object.keys(schema.shape).join(', ') || 'none';
		throw new InvalidOptionError(
			shown([...issue.path, name!]),
			valueShown(valueAt(given, [...issue.path, name!])),
			'not a parameter of this tool',
			`Leave it out; its parameters are: ${known}`,
		);
	}
	throw new InvalidOptionError(
		shown(issue.path),
		valueShown(valueAt(given, issue.path)),
		issue.message,
		"Correct it; the tool's input schema says what it can be",
	);
}

/** Arguments come from no expression, of which a missing value would tell elsewhere. */
const valueShown = (value: unknown): string => (value === undefined ? 'missing' : showValue(value));

const shown = (path: readonly PropertyKey[]): string =>
	path.map(String).join('.').slice(0, 100) || 'arguments';

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
	path.reduce((within, part) => (within as Record<PropertyKey, unknown> | null)?.[part], input);
