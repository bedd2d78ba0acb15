/** Within one process every call is answered at once. */
export const leaseExtras = {
	localLeases: { displayOptions: { show: { '/state': ['redis'] } } },
	leaseBatchSize: { displayOptions: { show: { '/state': ['redis'], localLeases: [true] } } },
	leaseMaxAgeMs: { displayOptions: { show: { '/state': ['redis'], localLeases: [true] } } },
};
