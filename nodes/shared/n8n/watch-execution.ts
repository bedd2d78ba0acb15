import type { IExecuteFunctions } from 'n8n-workflow';

import { internalsOf } from '../internals';

/** What becomes of an execution in this process. */
interface ExecutionEvents {
	/** It is over, in whatever way. */
	onEnd(): Promise<void>;
	/** It starts to wait until `waitTill`, to go on in any process. */
	onWait(waitTill: Date): Promise<void>;
}

/** Tells of the execution that a context belongs to. */
export function watchExecution(context: IExecuteFunctions, events: ExecutionEvents): void {
	context.onExecutionFinish?.(async () => await events.onEnd());
	// The handler above is not called when an execution starts to wait, but this hook is.
	internalsOf(context).additionalData.hooks?.addHandler?.('workflowExecuteAfter', async (run) => {
		if (run.status === 'waiting') await events.onWait(run.waitTill ?? new Date());
	});
}
