import { Buffer } from 'node:buffer';

import { InvalidOptionError, RunNotKeptError } from '../errors';
import type { Failure } from '../failure';
import { describeOptions, showValue } from '../options';
import { runOnceOptions, type RunOnceOptions } from '../policies/run-once';
import type { RunEnd } from '../ports';

/** Longest text of an error that is kept, in characters. */
const LONGEST_TEXT = 2_000;

/** The end of a run that returned `result`: without it where it is too large, or not what JSON can hold. */
export function endOfResult(result: unknown, options: RunOnceOptions): RunEnd {
	const resultJson = jsonOf(result);
	if (resultJson === undefined)
		return unkept(
			new RunNotKeptError(
				'The result is not what JSON can hold',
				'Let the protected work return plain data',
			),
		);
	const bytes = Buffer.byteLength(resultJson);
	return bytes > options.maxResultBytes
		? unkept(tooLarge(bytes, options))
		: { state: 'done', resultJson };
}

/** The end of a run that failed. */
export const endOfFailure = ({ message, name, code, statusCode, retryAfter }: Failure): RunEnd => ({
	state: 'failed',
	failure: {
		message: message.slice(0, LONGEST_TEXT),
		name: name?.slice(0, LONGEST_TEXT),
		code: code?.slice(0, LONGEST_TEXT),
		statusCode,
		retryAfter: retryAfter?.slice(0, LONGEST_TEXT),
	},
});

const unkept = ({ message, name, code, remedy }: RunNotKeptError): RunEnd => ({
	state: 'unkept',
	failure: { message, name, code, remedy },
});

function tooLarge(bytes: number, { maxResultBytes }: RunOnceOptions): RunNotKeptError {
	const { title } = describeOptions(runOnceOptions).find(({ name }) => name === 'maxResultBytes')!;
	const { message, remedy } = new InvalidOptionError(
		title,
		showValue(maxResultBytes),
		`the result has ${bytes} bytes, so it is done but not kept`,
		'Raise it, or let the protected work return less, such as an id',
	);
	return new RunNotKeptError(message, remedy);
}

/** Undefined for what JSON cannot hold, such as a circle. */
function jsonOf(value: unknown): string | undefined {
	try {
		return JSON.stringify(value);
	} catch {
		return undefined;
	}
}
