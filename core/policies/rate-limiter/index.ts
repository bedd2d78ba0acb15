import type { CellMachine } from '../machine';
import { adaptive } from './adaptive';
import { fixedWindow } from './fixed-window';
import { gcra } from './gcra';
import type { RateLimiterOptions } from './options';
import { withPriorities } from './priorities';
import { slidingWindow } from './sliding-window';

export { leaseEnd, longestLeaseMs, mostLeased } from './lease-terms';
export { heaviestCall, rateLimiterOptions, type RateLimiterOptions } from './options';

type Limiter = CellMachine<RateLimiterOptions>;

/** The machine of each algorithm, whose limit stays as it is set. */
const steady: Readonly<Record<RateLimiterOptions['algorithm'], Limiter>> = {
	gcra: withPriorities(gcra),
	'sliding-window': withPriorities(slidingWindow),
	'fixed-window': withPriorities(fixedWindow),
};

/** The same with a limit that falls and recovers; they need more cells. */
const adapting: typeof steady = {
	gcra: adaptive(steady.gcra),
	'sliding-window': adaptive(steady['sliding-window']),
	'fixed-window': adaptive(steady['fixed-window']),
};

/** The machine that the options ask for. */
export const rateLimiterMachine = (
	options: Pick<RateLimiterOptions, 'algorithm' | 'adaptive'>,
): Limiter => (options.adaptive ? adapting : steady)[options.algorithm];
