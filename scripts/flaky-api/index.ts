export {
	createFlakyApi,
	DEFAULT_FLAKY_API_PORT,
	type FlakyApi,
	type FlakyApiOptions,
} from './create-flaky-api.ts';
export type { CallStats, Stats } from './endpoints/stats.ts';
