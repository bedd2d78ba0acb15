import { REDIS_CREDENTIALS } from '../state/state-options';

/** Within one process every call is answered at once. */
export const leaseExtras = {
	localLeases: { displayOptions: { show: { '/state': [...REDIS_CREDENTIALS] } } },
	leaseBatchSize: {
		displayOptions: { show: { '/state': [...REDIS_CREDENTIALS], localLeases: [true] } },
	},
	leaseMaxAgeMs: {
		displayOptions: { show: { '/state': [...REDIS_CREDENTIALS], localLeases: [true] } },
	},
};
