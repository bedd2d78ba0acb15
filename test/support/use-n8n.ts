import { createFlakyApi, type FlakyApi } from '../../scripts/flaky-api/index.ts';
import { startN8nInstance, type N8nInstance } from './n8n-instance';

/** An n8n, and the flaky API that its workflows call. */
export interface N8nWithApi {
	readonly api: FlakyApi;
	readonly n8n: N8nInstance;
}

/**
 * Both for all tests of a file. Set up by jest's hooks: complete once the first test, or a later `beforeAll`, runs.
 * @param env further settings of n8n.
 */
export function useN8n(env?: NodeJS.ProcessEnv): N8nWithApi {
	const started: { api?: FlakyApi; n8n?: N8nInstance } = {};

	beforeAll(async () => {
		started.api = await createFlakyApi({ port: 0 });
		started.n8n = await startN8nInstance({ env });
	});

	afterAll(async () => {
		// Its callers then end at once.
		await started.api?.close();
		await started.n8n?.stop();
	});

	return started as N8nWithApi;
}
