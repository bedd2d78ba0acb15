import { createFlakyApi, type FlakyApi } from '../flaky-api/index.ts';

/** The flaky API on its usual port, or on a free one where that is taken. */
export async function startFlakyApi(): Promise<FlakyApi> {
	try {
		return await createFlakyApi();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
		return await createFlakyApi({ port: 0 });
	}
}
