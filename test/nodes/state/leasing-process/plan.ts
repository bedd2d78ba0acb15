import { definePolicy } from '../../../../core/policies/define';

/** What the process is told in its arguments, as JSON. */
export interface LeasingPlan {
	readonly port: number;
	/** Calls that it makes at once, and once more when it is told to end and does so by itself. */
	readonly calls: number;
	/** As n8n does: when what is under way is done. */
	readonly endsByItself: boolean;
}

/** Permits of a limiter that go back by themselves no sooner than in ten minutes, and come anew one in an hour. */
export const limiter = definePolicy('rate-limiter', 'leased', {
	algorithm: 'gcra',
	limit: 1,
	periodMs: 3_600_000,
	burst: 10_000,
	localLeases: true,
	leaseMaxAgeMs: 600_000,
});
