import { setTimeout as sleep } from 'node:timers/promises';

import { systemClock } from '../../../adapters/system';
import { LeasingPolicyStore } from '../../../core/local-leases';
import type { PolicyDefinition } from '../../../core/ports';
import type { MadeCall } from '../limit-windows';
import type { OpenStore } from '../open-store';
import { sharedNow } from './hammer';

/** A call that was let through. */
export interface LeasedCall extends MadeCall {
	/** The limiter's name. */
	readonly policy: string;
	/** Whether it was let through without a question to Redis. */
	readonly isAtOnce: boolean;
}

export interface LeasedCallsPlan {
	readonly policies: readonly PolicyDefinition[];
	readonly isOver: () => boolean;
	/** How far the clock of this process is ahead of the machine's, in ms. Default 0. */
	readonly clockAheadMs?: number;
	/** How many calls are made before others of the process get their turn, when much is to do. Default 50. */
	readonly callsPerTurn?: number;
}

/** Much and little is to do by turns, in ms: of what was taken when much was, some is left when a window ends. */
const TURN_MS = 350;

/** Asks again and again under one limiter after the other, as a process that leases permits of them. */
export async function leasedCalls(
	{ store, newId, request }: OpenStore,
	{ policies, isOver, clockAheadMs = 0, callsPerTurn = 50 }: LeasedCallsPlan,
): Promise<LeasedCall[]> {
	const leasing = new LeasingPolicyStore(store, systemClock, newId);
	const made: LeasedCall[] = [];
	/** @returns whether it was let through. */
	const call = async (policy: PolicyDefinition): Promise<boolean> => {
		const answer = leasing.admit(request([policy]));
		const isAtOnce = !(answer instanceof Promise);
		// What waited for a batch counts as made when that was granted, as it does without leases.
		const late = await answer;
		if (late.status !== 'granted') return false;
		const { admittedAt } = late.permit;
		const at = isAtOnce ? admittedAt - clockAheadMs : admittedAt;
		made.push({ policy: policy.name, at, weight: 1, isAtOnce });
		return true;
	};
	const callAgain = async (policy: PolicyDefinition): Promise<void> => {
		for (let calls = 1; !isOver(); calls++) {
			// A store that is away says so, and nothing is let through.
			const isGranted = await call(policy).catch(() => false);
			const isBusy = Math.floor(sharedNow() / TURN_MS) % 2 === 0;
			if (!isGranted || !isBusy || calls % callsPerTurn === 0) await sleep(isBusy ? 1 : 4);
		}
	};
	await Promise.all(policies.map(callAgain));
	await leasing.drain().catch(() => undefined);
	return made.sort((one, other) => one.at - other.at);
}
