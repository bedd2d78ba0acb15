import { keepsSuccesses, productionLimit, type N8nSettings } from '../health';

/** By what an execution is told to be lost, and what may be run again. */
export interface RecoverySettings {
	/** How long a new execution may be without a job, in ms: its row is written before its job. */
	readonly enqueueGraceMs: number;
	/** How late a worker may renew a lock beyond its time, in ms. */
	readonly lockSlackMs: number;
	/** How long what is found must stay so before it is believed, in ms. */
	readonly confirmAfterMs: number;
	/** How long workers have to answer, in ms. */
	readonly answerWaitMs: number;
	/** How far beyond its own time limit an execution may run, in ms. */
	readonly timeoutSlackMs: number;
	/** How long one without a time limit may run, in ms. */
	readonly hangsAfterMs: number;
	/** How long after its time a wait must have ended, in ms: n8n looks once a minute. */
	readonly waitSlackMs: number;
	/** How far back executions are looked at that have ended, in ms. */
	readonly lookBackMs: number;
	/**
	 * Whether n8n keeps executions that succeed, where their workflow does not say it; undefined where that is not known, and it
	 * is taken to do so as by default. Of one that it does not keep nothing tells that it has tried another again.
	 */
	readonly keepsSuccesses?: boolean;
	/**
	 * How many executions that a webhook, a chat or a trigger began n8n runs at once in regular mode, undefined for any number:
	 * what waits goes on only when it is its turn.
	 */
	readonly productionLimit?: number;
	/** Tag of workflows whose executions may be run again from their start. */
	readonly runAgainTag: string;
	/** How often an execution is run again, at most. */
	readonly maxAttempts: number;
	/**
	 * How long an execution must be without any job before it is run again, in ms: for so long n8n may still be marking it
	 * as failed, and throwing away what it would go on with.
	 */
	readonly settleMs: number;
	/**
	 * How long after an execution was made its job may yet be added, in ms: n8n's process hangs on a connection to Redis that
	 * was cut off unnoticed until TCP gives it up, which takes 15 min, and then adds it.
	 */
	readonly unqueuedSettleMs: number;
	/**
	 * How long after n8n's process began the one before it may still run what it had begun, in ms, where both can use one
	 * database: in a rolling update the new one begins first.
	 */
	readonly overlapMs: number;
	/** How long whoever began a repair has to end it before another goes on, in ms. */
	readonly claimLeaseMs: number;
}

export const RECOVERY_DEFAULTS: RecoverySettings = {
	enqueueGraceMs: 10_000,
	lockSlackMs: 5_000,
	confirmAfterMs: 3_000,
	answerWaitMs: 2_500,
	timeoutSlackMs: 60_000,
	hangsAfterMs: 6 * 3_600_000,
	waitSlackMs: 3 * 60_000,
	lookBackMs: 24 * 3_600_000,
	runAgainTag: 'bulwark:run-again',
	maxAttempts: 1,
	settleMs: 45_000,
	unqueuedSettleMs: 16 * 60_000,
	overlapMs: 5 * 60_000,
	claimLeaseMs: 120_000,
};

/** What n8n's own settings say of it; nothing where they are not known. */
export const recoverySettingsIn = (
	n8n: N8nSettings | undefined,
): Pick<RecoverySettings, 'keepsSuccesses' | 'productionLimit'> => ({
	keepsSuccesses: keepsSuccesses(n8n),
	productionLimit: n8n && productionLimit(n8n),
});
