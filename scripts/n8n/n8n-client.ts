import { N8nConnection, N8nRequestError } from './n8n-connection.ts';
import type {
	Execution,
	ExecutionStatus,
	ExecutionSummary,
	Login,
	StoredWorkflow,
	WorkflowJson,
} from './n8n-types.ts';
import { pollUntil } from './poll-until.ts';

const ENDED: readonly ExecutionStatus[] = ['success', 'error', 'canceled', 'crashed'];

/** What scripts and tests ask of an n8n, as its owner. */
export class N8nClient {
	readonly connection: N8nConnection;

	private keyInTheMaking: Promise<string> | undefined;

	constructor(url: string) {
		this.connection = new N8nConnection(url);
	}

	get url(): string {
		return this.connection.url;
	}

	/** Whether this n8n still has no owner. */
	async needsOwner(): Promise<boolean> {
		const settings = await this.connection.rest<{
			userManagement: { showSetupOnFirstLoad: boolean };
		}>('GET', '/settings');
		return settings.userManagement.showSetupOnFirstLoad;
	}

	/** Makes the owner's account, and is logged in as the owner from then on. */
	async setupOwner(login: Login): Promise<void> {
		const names = { firstName: 'Bulwark', lastName: 'Owner' };
		await this.connection.rest('POST', '/owner/setup', { ...login, ...names });
	}

	async login({ email, password }: Login): Promise<void> {
		const body = { emailOrLdapLoginId: email, password };
		await this.connection.rest('POST', '/login', body);
	}

	/** Makes an API key with every scope and uses it for the public API from then on. */
	async createApiKey(label: string): Promise<string> {
		const scopes = await this.connection.rest<string[]>('GET', '/api-keys/scopes');
		const body = { label, expiresAt: null, scopes };
		const made = await this.connection.rest<{ rawApiKey: string }>('POST', '/api-keys', body);
		this.connection.apiKey = made.rawApiKey;
		return made.rawApiKey;
	}

	/** Stores a workflow under its own id, or a new one. It is not published. */
	async createWorkflow(workflow: WorkflowJson): Promise<StoredWorkflow> {
		const body = { settings: { executionOrder: 'v1' }, ...workflow };
		return await this.connection.rest('POST', '/workflows', body);
	}

	/** Undefined when there is none with that id. */
	async findWorkflow(id: string): Promise<StoredWorkflow | undefined> {
		try {
			return await this.connection.rest('GET', `/workflows/${id}`);
		} catch (error) {
			if (error instanceof N8nRequestError && [403, 404].includes(error.status)) return undefined;
			throw error;
		}
	}

	async updateWorkflow(id: string, workflow: WorkflowJson): Promise<StoredWorkflow> {
		const { name, nodes, connections, settings } = workflow;
		const body = { name, nodes, connections, settings };
		return await this.connection.rest('PATCH', `/workflows/${id}?forceSave=true`, body);
	}

	/** Publishes a workflow's latest version. Its webhooks answer a little later. */
	async publish({ id, versionId }: { id: string; versionId: string }): Promise<StoredWorkflow> {
		return await this.connection.rest('POST', `/workflows/${id}/activate`, { versionId });
	}

	async unpublish(id: string): Promise<void> {
		await this.connection.rest('POST', `/workflows/${id}/deactivate`, {});
	}

	/** Runs a workflow as "Execute workflow" does, from that trigger; resolves with the execution's id. */
	async run(workflowId: string, trigger: string): Promise<string> {
		const body = { triggerToStartFrom: { name: trigger } };
		const path = `/workflows/${workflowId}/run`;
		const { executionId } = await this.connection.rest<{ executionId: string }>('POST', path, body);
		return executionId;
	}

	/** The latest executions of a workflow, newest first, cancelled ones included. */
	async executions(workflowId: string, limit = 20): Promise<ExecutionSummary[]> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const path = `/executions?filter=${filter}&limit=${limit}`;
		const found = await this.connection.rest<{ results: ExecutionSummary[] }>('GET', path);
		return found.results;
	}

	/** An execution and what its nodes did. */
	async execution(id: string): Promise<Execution> {
		// One key, however many ask at the same time.
		if (!this.connection.apiKey) {
			await (this.keyInTheMaking ??= this.createApiKey(`bulwark ${this.connection.browserId}`));
		}
		return await this.connection.publicApi('GET', `/executions/${id}?includeData=true`);
	}

	/** Waits until an execution has ended, or has one of `statuses`. */
	async waitForExecution(
		id: string,
		{
			statuses = ENDED,
			timeoutMs = 60_000,
		}: { statuses?: readonly ExecutionStatus[]; timeoutMs?: number } = {},
	): Promise<Execution> {
		const look = async () => {
			const execution = await this.execution(id);
			return statuses.includes(execution.status) ? execution : undefined;
		};
		return await pollUntil(look, {
			what: `execution ${id} to be ${statuses.join(', ')}`,
			timeoutMs,
		});
	}

	async stopExecution(id: string): Promise<void> {
		await this.connection.rest('POST', `/executions/${id}/stop`, {});
	}

	/** Calls a published webhook; waits for it while it has just been published. */
	async callWebhook(
		path: string,
		request: RequestInit = {},
		timeoutMs = 15_000,
	): Promise<Response> {
		const look = async () => {
			const response = await fetch(`${this.url}/webhook/${path}`, request);
			if (response.status !== 404) return response;
			const text = await response.text();
			return text.includes('not registered') ? undefined : new Response(text, response);
		};
		return await pollUntil(look, { what: `webhook ${path}`, timeoutMs });
	}
}
