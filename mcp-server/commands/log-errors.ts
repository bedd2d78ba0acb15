import { BulwarkError } from '../../core/errors';
import { oneLine } from '../../core/one-line';
import type { FullConfig } from '../config/read-config';
import { redactorFor } from '../redactor-for';

/** Most causes of an error that are told: one may be its own. */
const MOST_CAUSES = 3;

/**
 * Writes errors into the log of the server, without the secrets of its configuration: a line each, and where nobody
 * expected one also where it comes from.
 */
export function logErrors(config: FullConfig, log: (line: string) => void): (error: Error) => void {
	const redactor = redactorFor(config);
	return (error) => {
		const lines = error instanceof BulwarkError ? [told(error)] : unexpected(error, 'Error');
		for (const line of lines) log(oneLine(redactor.text(line)));
	};
}

const told = ({ code, message, remedy }: BulwarkError): string =>
	`Error: ${code}: ${message}. ${remedy}.`;

function unexpected(error: Error, what: string, causes = 0): readonly string[] {
	const lines = [`${what}: ${error.message}`, ...framesOf(error)];
	if (!(error.cause instanceof Error) || causes === MOST_CAUSES) return lines;
	return [...lines, ...unexpected(error.cause, 'Caused by', causes + 1)];
}

/** What follows on the message, in which others may have written what looks like a frame. */
function framesOf({ message, stack = '' }: Error): readonly string[] {
	const end = stack.indexOf(message) + message.length;
	return stack.includes(message) ? stack.slice(end).split('\n').slice(1) : [stack];
}
