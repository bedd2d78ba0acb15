/** What an n8n process is for, as its command line and settings say it. */
export interface N8nRole {
	command: readonly string[];
	/** Settings that only this role needs. */
	env(port: number): NodeJS.ProcessEnv;
	/** Paths that answer with JSON once it is ready. */
	readyPaths: readonly string[];
}

const READINESS = '/healthz/readiness';
const onItsPort = (port: number) => ({ N8N_PORT: String(port) });

/** The editor, its API, and whatever no other process is there for. */
export const MAIN: N8nRole = {
	command: ['start'],
	env: onItsPort,
	readyPaths: [READINESS, '/rest/settings'],
};

/** In queue mode: takes calls of webhooks and hands them to workers. */
export const WEBHOOK_PROCESSOR: N8nRole = {
	command: ['webhook'],
	env: onItsPort,
	readyPaths: [READINESS],
};

/** In queue mode: runs executions, up to `concurrency` at a time. Its port is for questions after its health. */
export const worker = (concurrency: number): N8nRole => ({
	command: ['worker', `--concurrency=${concurrency}`],
	env: (port) => ({
		QUEUE_HEALTH_CHECK_ACTIVE: 'true',
		QUEUE_HEALTH_CHECK_PORT: String(port),
		N8N_WORKER_SERVER_ADDRESS: '127.0.0.1',
	}),
	readyPaths: [READINESS],
});
