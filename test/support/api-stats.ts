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

/** When the latest calls of a key arrived, in ms since 1970, oldest first. */
export async function arrivalsOf(
	api: FlakyApi,
	endpoint: string,
	key: string,
	calls: number,
): Promise<number[]> {
	const response = await fetch(`${api.url}/stats?key=${key}&arrivals=${calls}`);
	return ((await response.json()) as Stats)[endpoint]?.[key]?.arrivals ?? [];
}

/** The number of calls by key. */
export async function callsOf(api: FlakyApi, endpoint: string): Promise<Record<string, number>> {
	const stats = await statsOf(api, endpoint);
	return Object.fromEntries(Object.entries(stats).map(([key, { calls }]) => [key, calls]));
}
