import admit from './requests/admit.lua';
import batch from './commands/batch.lua';
import beginRun from './commands/begin_run.lua';
import cancel from './requests/cancel.lua';
import endRun from './commands/end_run.lua';
import extendRun from './commands/extend_run.lua';
import fetchResult from './commands/fetch_result.lua';
import findHolders from './commands/find_holders.lua';
import findPolicy from './commands/find_policy.lua';
import findRecoveries from './commands/find_recoveries.lua';
import forgetRun from './commands/forget_run.lua';
import inspectRun from './commands/inspect_run.lua';
import notePolicy from './commands/note_policy.lua';
import saveRecovery from './commands/save_recovery.lua';
import scanKeys from './commands/scan_keys.lua';
import refund from './requests/refund.lua';
import settle from './requests/settle.lua';
import extend from './requests/extend.lua';
import withdraw from './requests/withdraw.lua';
import inspect from './requests/inspect.lua';
import override from './requests/override.lua';
import adaptiveLimiter from './includes/adaptive_limiter.lua';
import baseline from './includes/baseline.lua';
import breakerQuorum from './includes/breaker_quorum.lua';
import breakerRecord from './includes/breaker_record.lua';
import breakerRules from './includes/breaker_rules.lua';
import breakerStates from './includes/breaker_states.lua';
import bulkhead from './includes/bulkhead.lua';
import callWindows from './includes/call_windows.lua';
import cells from './includes/cells.lua';
import circuitBreaker from './includes/circuit_breaker.lua';
import clock from './includes/clock.lua';
import concurrencyLimit from './includes/concurrency_limit.lua';
import definitions from './includes/definitions.lua';
import fixedWindow from './includes/fixed_window.lua';
import countWindow from './includes/count_window.lua';
import gcra from './includes/gcra.lua';
import globals from './includes/globals.lua';
import guards from './includes/guards.lua';
import leases from './includes/leases.lua';
import marks from './includes/marks.lua';
import rateLimiter from './includes/rate_limiter.lua';
import records from './includes/records.lua';
import retryBudget from './includes/retry_budget.lua';
import runs from './includes/runs.lua';
import segmentRing from './includes/segment_ring.lua';
import sortedSets from './includes/sorted_sets.lua';
import states from './includes/states.lua';
import slidingWindow from './includes/sliding_window.lua';
import timeWindow from './includes/time_window.lua';
import timeout from './includes/timeout.lua';
import undo from './includes/undo.lua';
import waitingLine from './includes/waiting_line.lua';

/** What the commands share, each after what it builds on. */
export const includes: readonly string[] = [
	globals,
	clock,
	states,
	marks,
	guards,
	undo,
	cells,
	records,
	sortedSets,
	leases,
	segmentRing,
	rateLimiter,
	adaptiveLimiter,
	gcra,
	slidingWindow,
	fixedWindow,
	retryBudget,
	countWindow,
	timeWindow,
	baseline,
	breakerRecord,
	breakerStates,
	callWindows,
	breakerRules,
	circuitBreaker,
	breakerQuorum,
	waitingLine,
	concurrencyLimit,
	bulkhead,
	timeout,
	runs,
	definitions,
];

/** What a batch may ask for, after all that they share. */
export const requests: readonly string[] = [
	admit,
	settle,
	refund,
	cancel,
	extend,
	withdraw,
	inspect,
	override,
];

/** What a client can call, by name. */
export const commands = {
	batch,
	beginRun,
	extendRun,
	endRun,
	inspectRun,
	forgetRun,
	notePolicy,
	fetchResult,
	findPolicy,
	findHolders,
	scanKeys,
	saveRecovery,
	findRecoveries,
} as const;
