import { definePolicy } from '../../core/policies/define';

/** Permits of it that are leased go back by themselves no sooner than in ten minutes, and come anew one in an hour. */
export const longLeasedLimiter = definePolicy('rate-limiter', 'leased', {
	algorithm: 'gcra',
	limit: 1,
	periodMs: 3_600_000,
	burst: 10_000,
	localLeases: true,
	leaseMaxAgeMs: 600_000,
});
