import { BulwarkError } from '../../core/errors';
import { oneLine } from '../../core/one-line';
import type { FullConfig } from '../config/read-config';
import { redactorFor } from '../redactor-for';

/** Writes errors into the log of the server, a line each, without the secrets of its configuration. */
export function logErrors(config: FullConfig, log: (line: string) => void): (error: Error) => void {
	const redactor = redactorFor(config);
	return (error) => log(oneLine(redactor.text(`Error: ${told(error)}`)));
}

const told = (error: Error): string =>
	error instanceof BulwarkError
		? `${error.code}: ${error.message}. ${error.remedy}.`
		: error.message;
