import type { CellMachine } from '../machine';
import { fixedWindow } from './fixed-window';
import { gcra } from './gcra';
import type { RateLimiterOptions } from './options';
import { slidingWindow } from './sliding-window';

export {
	heaviestCall,
	rateLimiterAlgorithms,
	rateLimiterOptions,
	type RateLimiterOptions,
} from './options';

/** The machine of each algorithm. */
export const rateLimiterMachines: Readonly<
	Record<RateLimiterOptions['algorithm'], CellMachine<RateLimiterOptions>>
> = { gcra, 'sliding-window': slidingWindow, 'fixed-window': fixedWindow };
