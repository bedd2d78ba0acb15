import type { ProcessMetrics } from '../../ports/stack';
import { LONGEST_ON_ITS_WAY_MS } from './may-be-of-one';
import type { WorkerRecord } from './worker-record';
import type { WorkerSight } from './worker-sight';
import type { WorkersLook } from './workers-look';

/**
 * Notes which worker answers which health check, where only one of them began when the process did that answers it. Who
 * answered last is remembered, so that it is known whose check is not answered any more.
 */
export function noteHealthChecks({ processes }: WorkersLook, sights: readonly WorkerSight[]): void {
	if (!processes.isKnown) return;
	const checks = processes.value.filter((one) => isWell(one));
	const answering = sights.filter(({ answer, record }) => answer && record.isSure);
	for (const check of checks) {
		for (const { record } of sights)
			if (!mayBeOf(check, record.startedAt)) forgetCheck(record, check.url);
		const owners = answering.filter(({ answer }) => mayBeOf(check, answer!.startedAt));
		const [owner] = owners;
		const isAmbiguous = () =>
			checks.filter((one) => mayBeOf(one, owner!.answer!.startedAt)).length !== 1;
		if (owners.length !== 1 || isAmbiguous()) continue;
		for (const { record } of sights) forgetCheck(record, check.url);
		owner!.record.healthCheck = check.url;
	}
}

const isWell = (one: object): one is ProcessMetrics & { readonly startedAt: number } =>
	'type' in one && one.type === 'worker' && 'startedAt' in one && one.startedAt !== undefined;

const mayBeOf = (
	{ startedAt, clock }: ProcessMetrics & { readonly startedAt: number },
	beganAt = -Infinity,
): boolean =>
	Math.abs(startedAt - (clock?.aheadMs ?? 0) - beganAt) <=
	LONGEST_ON_ITS_WAY_MS + (clock?.withinMs ?? 0);

function forgetCheck(record: WorkerRecord, url: string): void {
	if (record.healthCheck === url) record.healthCheck = undefined;
}
