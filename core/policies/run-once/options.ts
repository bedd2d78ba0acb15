import { z } from 'zod';

import { choice, duration, integer } from '../../options';

/** As much as goes to a store and back within the time that it has to answer. */
const LARGEST_RESULT_BYTES = 4 * 1024 * 1024;

/** Options of an idempotent step. */
export const runOnceOptions = z.strictObject({
	whenRunning: choice({ wait: 'Wait for Its Result', reject: 'Reject' }, 'wait', {
		title: 'When Running',
		description:
			'What becomes of an item while another with the same key is worked on. Wait: it gets what becomes of that one. Reject: it leaves through Rejected at once',
	}),
	maxWaitMs: duration(0, 60_000, {
		title: 'Maximum Wait',
		description: 'An item that has waited this long leaves through Rejected',
		showWhen: { whenRunning: ['wait'] },
	}),
	whenDone: choice({ replay: 'Return the Stored Result', reject: 'Reject' }, 'replay', {
		title: 'When Done',
		description:
			'What becomes of an item whose work was done before. Return: the result of then leaves through Success, with a field "runOnce" that says so. Reject: the item leaves through Rejected',
	}),
	whenFailed: choice({ 'run-again': 'Run Again', return: 'Return the Failure' }, 'run-again', {
		title: 'When Failed',
		description:
			'What becomes of an item whose work failed before. Run Again: it is called. Return: it leaves through Failed with the error of then',
	}),
	resultTtlMs: duration(1_000, 86_400_000, {
		title: 'Result Time to Live',
		description: 'How long results and failures are kept; then the same key is called again',
	}),
	maxResultBytes: integer(1, LARGEST_RESULT_BYTES, 1024 * 1024, {
		title: 'Largest Result',
		description:
			'Larger results are not kept: items with the same key then leave through Failed, because their work is done and must not be done again',
		unit: 'bytes',
	}),
});

export type RunOnceOptions = z.output<typeof runOnceOptions>;
