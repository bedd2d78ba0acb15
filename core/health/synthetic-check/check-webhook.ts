import { InvalidOptionError } from '../../errors';
import { quoted } from '../../one-line';
import type { WorkflowNode, WorkflowRecord, WorkflowView } from '../../ports/stack';
import { readFrom, SourceUnavailableError } from '../../stack';

/** Where the prebuilt workflow listens. */
export const CHECK_PATH = 'bulwark/synthetic-check';

/** Tag of workflows that their owners have chosen for checks: whoever may check them may run them at any time. */
export const CHECK_TAG = 'bulwark:synthetic-check';

const WEBHOOK = 'n8n-nodes-base.webhook';
/** Each may hold megabytes. */
const WORKFLOWS_A_LOOK = 25;
const IMPORT =
	'Import workflows/operations/synthetic-check.json of the package n8n-nodes-bulwark into n8n and publish it, or give the id of a workflow with a webhook';

/** What is called to run a workflow. */
export interface CheckWebhook {
	/** Undefined where the database is not known. */
	readonly workflow?: { readonly id: string; readonly name: string };
	readonly path: string;
	readonly method: 'GET' | 'POST';
	/** Whether it is the prebuilt workflow, which answers with what it was sent and the id of its execution. */
	readonly isPrebuilt: boolean;
}

/**
 * The webhook of a workflow that is chosen for checks, or of the prebuilt one where none is named.
 * @throws {InvalidOptionError} where it is not chosen, or has none that can be called.
 */
export async function checkWebhook(
	workflows: WorkflowView | undefined,
	workflowId: string | undefined,
): Promise<CheckWebhook> {
	if (workflowId === undefined) return await prebuilt(workflows);
	if (!workflows)
		throw new SourceUnavailableError(
			'database',
			"n8n's database is not configured, so the webhook of a workflow is not known",
			'Set "database", or leave workflowId out and import workflows/operations/synthetic-check.json of the package n8n-nodes-bulwark',
		);
	const [workflow] = await workflows.find([workflowId]);
	if (!workflow)
		throw refused(workflowId, 'no workflow has this id', 'Give the id that its address in n8n has');
	return webhookOf(workflow);
}

async function prebuilt(workflows: WorkflowView | undefined): Promise<CheckWebhook> {
	const byAddress = { path: CHECK_PATH, method: 'POST', isPrebuilt: true } as const;
	const found = await readFrom('database', workflows, async (view) => await findPrebuilt(view));
	if (!found.isKnown) return byAddress;
	if (!found.value)
		throw new InvalidOptionError(
			'workflowId',
			'left out',
			`no published workflow has a webhook at "${CHECK_PATH}"`,
			IMPORT,
		);
	return webhookOf(found.value);
}

async function findPrebuilt(workflows: WorkflowView): Promise<WorkflowRecord | undefined> {
	let after: string | undefined;
	for (;;) {
		const some = await workflows.active(WORKFLOWS_A_LOOK, after);
		const found = some.find(({ nodes }) => nodes.some(isOfPrebuilt));
		if (found ?? some.length < WORKFLOWS_A_LOOK) return found;
		after = some.at(-1)!.id;
	}
}

const isWebhook = ({ type, isDisabled }: WorkflowNode): boolean => type === WEBHOOK && !isDisabled;

const isOfPrebuilt = (node: WorkflowNode): boolean =>
	isWebhook(node) && node.parameters.path === CHECK_PATH;

function webhookOf({ id, name, isActive, tags, nodes }: WorkflowRecord): CheckWebhook {
	const prebuiltNode = nodes.find(isOfPrebuilt);
	const node = prebuiltNode ?? nodes.find(isWebhook);
	if (!prebuiltNode && !tags.includes(CHECK_TAG))
		throw refused(
			id,
			`workflow ${quoted(name)} is not chosen for checks: it has no tag "${CHECK_TAG}"`,
			`Let its owner give it the tag "${CHECK_TAG}" in n8n if it may be run at any time, or leave workflowId out to run the prebuilt one`,
		);
	if (!isActive)
		throw refused(id, 'it is not published, so n8n runs it for nobody', 'Publish it in n8n');
	if (!node) throw refused(id, 'it has no Webhook node that is on', IMPORT);
	const { path, httpMethod = 'GET', authentication = 'none' } = node.parameters;
	const methods = [httpMethod].flat();
	const method = (['POST', 'GET'] as const).find((one) => methods.includes(one));
	if (typeof path !== 'string' || path === '' || /^=|:/.test(path))
		throw refused(id, 'the path of its webhook holds an expression or a parameter', IMPORT);
	if (!method) throw refused(id, 'its webhook takes neither POST nor GET', IMPORT);
	if (authentication !== 'none')
		throw refused(id, 'its webhook asks for a credential, which this server does not have', IMPORT);
	return { workflow: { id, name }, path, method, isPrebuilt: isOfPrebuilt(node) };
}

const refused = (id: string, problem: string, remedy: string): InvalidOptionError =>
	new InvalidOptionError('workflowId', quoted(id), problem, remedy);
