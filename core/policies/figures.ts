/** What the figures of policies mean, by the kinds that have them. Times in them are lengths, in ms. */
export const FIGURES: Readonly<Record<string, string>> = {
	// Circuit breakers.
	generation: 'Grows by 1 whenever a breaker changes its state.',
	calls:
		'Calls in the window: those that the rates of a breaker are of, or that an adaptive timeout goes by.',
	failureRate: 'Per cent of these calls that failed.',
	failureRateThreshold: 'Failure rate that a breaker opens at now, in per cent; 0: off.',
	slowCallRate: 'Per cent of these calls that were slow.',
	consecutiveFailures: 'Calls that failed in a row.',
	timesOpened: 'How often a breaker opened since it was last closed.',
	retryAfterMs:
		'Time left until a breaker that is open lets calls probe again, or one that is half-open starts more probes: 0 where it lets the next call through. Missing while it is isolated, which time does not end.',
	probesStarted: 'Calls that were let through as probes since a breaker is half-open.',
	// Those that workers vote on.
	votes: 'Workers that vote now to turn calls away.',
	quorum: 'Votes at which calls are turned away for all workers.',
	// Rate limiters and bulkheads.
	limit: 'Calls that are let through in a period, or at once.',
	effectiveLimit: 'What an adaptive limit has come down to for now.',
	remaining: 'Calls that are left of a limit now.',
	holders: 'Slots of a bulkhead that are held.',
	queued: 'Calls that wait for a slot of a bulkhead.',
	// Timeouts and retry budgets.
	timeoutMs: 'How long a call may take now.',
	retriesLeft: 'Retries that are left in a budget now.',
};
