import { quoted } from '../../one-line';
import type { CheckWebhook } from './check-webhook';
import type { ExecutionWatch } from './execution-watch';
import type { SyntheticProblem, SyntheticReport } from './synthetic-report';
import type { WebhookCall } from './webhook-call';

type Judgement = Pick<SyntheticReport, 'verdict' | 'problem'>;

const LOOK_AT_IT = 'Let the execution be explained: that says more of it';

/** Whether a workflow went as it must. */
export function judgeCheck(
	webhook: CheckWebhook,
	call: WebhookCall,
	watch: ExecutionWatch,
	timeoutMs: number,
): Judgement {
	const { end } = call;
	const { row, isGone } = watch;
	if (end && !end.isAnswer && !end.isOverdue) return failed(end.problem);
	if (end?.isAnswer && end.status === 404 && !row)
		return failed({
			says: `n8n has no webhook ${quoted(webhook.path)} at ${end.url} (404)`,
			remedy:
				'Where that is its address, publish the workflow again; where webhook processors serve webhooks, set n8n.webhookUrl of the MCP server or Webhook URL of the node; and where n8n has N8N_ENDPOINT_WEBHOOK, set it for this process, too',
		});
	const status = isGone ? 'success' : row?.status;
	if (status === 'error' || status === 'crashed' || status === 'canceled')
		return failed({ says: `execution ${row!.id} ended as ${status}`, remedy: LOOK_AT_IT });
	if (end?.isAnswer && end.status >= 400)
		return failed({ says: `the webhook answered ${end.status}`, remedy: LOOK_AT_IT });
	if (end?.isAnswer && end.isEcho === false)
		return failed({
			says: `what answers at ${quoted(webhook.path)} does not send back what it was sent`,
			remedy: 'Import workflows/operations/synthetic-check.json again, and publish it',
		});
	const isOpen = row !== undefined && !watch.isEnded && !watch.gaps.has('database');
	if (end?.isAnswer && !isOpen) return { verdict: 'passed' };
	return { verdict: 'timed out', problem: overdue(watch, timeoutMs) };
}

const failed = (problem: SyntheticProblem): Judgement => ({ verdict: 'failed', problem });

function overdue({ row, job, isEnded }: ExecutionWatch, timeoutMs: number): SyntheticProblem {
	const within = `"timeoutSeconds" is ${timeoutMs / 1_000}, and within that time`;
	if (!row)
		return {
			says: `${within} there was neither an answer nor an execution`,
			remedy: 'Ask for the health of the stack, which says whether n8n and its database are well',
		};
	const { id } = row;
	if (isEnded)
		return {
			says: `${within} nobody answered, though execution ${id} ended as ${row.status}`,
			remedy: 'Ask for the health of the stack, which says whether main and Redis are well',
		};
	if (row.status === 'new')
		return {
			says: `${within} no worker began execution ${id}${job?.state === 'waiting' ? ', which waits in the queue' : ''}`,
			remedy:
				'Look at the workers and the queue, which say why; it still runs when a worker takes it',
		};
	return {
		says: `${within} execution ${id} did not end: it is ${row.status}`,
		remedy:
			'Raise timeoutSeconds, or choose a workflow that ends; this one goes on, and can be stopped in n8n',
	};
}
