import type { WorkflowJson } from '../../scripts/n8n/index.ts';

type Node = WorkflowJson['nodes'][number];
type Parameters_ = Record<string, unknown>;

/** A step of Bulwark as a test sets it. */
export interface StepSettings {
	/** Type without the package, such as `retry`; also its name on the canvas. */
	type: string;
	parameters?: Parameters_;
	/** n8n's own settings of the node. */
	onError?: 'continueRegularOutput' | 'continueErrorOutput';
	credentials?: Record<string, { id: string; name: string }>;
}

export interface GuardedWebhook {
	/** Path of the webhook, and name of the workflow. */
	path: string;
	/** From the outside to the inside. */
	steps: StepSettings[];
	/** URL that the protected HTTP Request calls; may be an expression. */
	url: string;
	/** Answer at once, not with what came out. */
	answerAtOnce?: boolean;
	/** Added to the HTTP Request node. */
	request?: Partial<Node>;
}

const N8N = 'n8n-nodes-base.';
const OUTPUTS = ['Call', 'Success', 'Failed', 'Rejected'];
const INPUTS = ['Items', 'Succeeded', 'Failed'];

/**
 * A workflow: webhook, steps around each other, and within them an HTTP Request. What leaves the outermost step is
 * answered with 200 (`Success`), 502 (`Failed`) or 503 (`Rejected`); what an inner one rejects is a failure to the
 * next.
 */
export function guardedWebhook(settings: GuardedWebhook): WorkflowJson {
	const { path, steps, url, answerAtOnce = false, request = {} } = settings;
	const nodes: Node[] = [];
	const connections: Record<string, { main: Array<Array<Record<string, unknown>>> }> = {};
	const add = (name: string, type: string, typeVersion: number, more: Partial<Node>) => {
		nodes.push({
			id: `${path}-${name}`,
			name,
			type,
			typeVersion,
			position: [nodes.length * 256, 0],
			parameters: {},
			...more,
		});
	};
	const wire = (from: string, output: number, to: string, input = 0) => {
		const { main } = (connections[from] ??= { main: [] });
		while (main.length <= output) main.push([]);
		main[output]!.push({ node: to, type: 'main', index: input });
	};

	add('Webhook', `${N8N}webhook`, 2.1, {
		webhookId: path,
		parameters: {
			path,
			responseMode: answerAtOnce ? 'onReceived' : 'responseNode',
			options: {},
		},
	});
	for (const { type, parameters = {}, onError, credentials } of steps) {
		add(type, `n8n-nodes-bulwark.${type}`, 1, { parameters, onError, credentials });
	}
	add('Request', `${N8N}httpRequest`, 4.2, {
		onError: 'continueErrorOutput',
		...request,
		parameters: { url, options: {}, ...request.parameters },
	});

	wire('Webhook', 0, steps[0]!.type);
	steps.forEach(({ type }, index) => {
		const inner = steps[index + 1]?.type;
		wire(type, OUTPUTS.indexOf('Call'), inner ?? 'Request');
		const [succeeded, failed] = [INPUTS.indexOf('Succeeded'), INPUTS.indexOf('Failed')];
		if (inner === undefined) {
			wire('Request', 0, type, succeeded);
			wire('Request', 1, type, failed);
		} else {
			wire(inner, OUTPUTS.indexOf('Success'), type, succeeded);
			wire(inner, OUTPUTS.indexOf('Failed'), type, failed);
			wire(inner, OUTPUTS.indexOf('Rejected'), type, failed);
		}
	});
	for (const [name, responseCode] of Object.entries({ Success: 200, Failed: 502, Rejected: 503 })) {
		if (answerAtOnce) add(name, `${N8N}noOp`, 1, {});
		else {
			const parameters = { respondWith: 'allIncomingItems', options: { responseCode } };
			add(name, `${N8N}respondToWebhook`, 1.4, { parameters });
		}
		wire(steps[0]!.type, OUTPUTS.indexOf(name), name);
	}
	return { name: path, nodes, connections, settings: { executionOrder: 'v1' } };
}
