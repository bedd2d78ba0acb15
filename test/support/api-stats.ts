import type { CallStats, FlakyApi, Stats } from '../../scripts/flaky-api/index.ts';

/** What the flaky API has seen of an endpoint, by key. */
export async function statsOf(
	api: FlakyApi,
	endpoint: string,
	windowMs = 1000,
): Promise<Record<string, CallStats>> {
	const response = await fetch(`${api.url}/stats?windowMs=${windowMs}`);
	return ((await response.json()) as Stats)[endpoint] ?? {};
}

/** The number of calls by key. */
export async function callsOf(api: FlakyApi, endpoint: string): Promise<Record<string, number>> {
	const stats = await statsOf(api, endpoint);
	return Object.fromEntries(Object.entries(stats).map(([key, { calls }]) => [key, calls]));
}
