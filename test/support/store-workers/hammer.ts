import { setTimeout as sleep } from 'node:timers/promises';

import type { OutcomeKind } from '../../../core/outcome';
import type { Permit, PolicyDefinition, Random } from '../../../core/ports';
import type { CallRecord, RoundTrip } from '../call-history';
import type { OpenStore } from '../open-store';
import { seededRandom } from '../seeded-random';
import type { HammerPlan } from './messages';

/** How the service behind a breaker takes turns, in ms. */
const SERVICE_TURN_MS = 150;

/** The clock that all processes of a machine share. */
export const sharedNow = (): number => Number(process.hrtime.bigint()) / 1e6;

async function timed<T>(ask: () => Promise<T>): Promise<RoundTrip & { readonly answer: T }> {
	const askedAt = sharedNow();
	const answer = await ask();
	return { askedAt, answeredAt: sharedNow(), answer };
}

/** Makes calls until time is up, and tells how each went. */
export async function hammer(opened: OpenStore, plan: HammerPlan): Promise<CallRecord[]> {
	const random = seededRandom(plan.seed);
	const endsAt = sharedNow() + plan.durationMs;
	const calls: CallRecord[] = [];
	const caller = async (): Promise<void> => {
		while (sharedNow() < endsAt) {
			const policy = plan.policies[Math.floor(random() * plan.policies.length)]!;
			const call = await makeCall(opened, policy, plan, random);
			calls.push(call);
			if (call.status === 'rejected') await sleep(random() * 8);
		}
	};
	await Promise.all(Array.from({ length: plan.inFlight }, caller));
	return calls;
}

async function makeCall(
	{ store, request }: OpenStore,
	policy: PolicyDefinition,
	{ leaseMs, longCalls, abandonedCalls }: HammerPlan,
	random: Random,
): Promise<CallRecord> {
	const { answer, ...asked } = await timed(
		async () => await store.admit(request([policy], leaseMs)),
	);
	const { kind, name } = policy;
	if (answer.status !== 'granted') return { policy: name, ...asked, status: 'rejected' };
	const { permit } = answer;
	const seen = {
		policy: name,
		...asked,
		status: 'granted' as const,
		admittedAt: permit.admittedAt,
		...(kind === 'circuit-breaker' ? { token: permit.tokens[0]!, isProbe: permit.leased } : {}),
	};
	if (kind === 'rate-limiter') return seen;
	const fate = random() * 1_000;
	if (kind === 'bulkhead' && fate < abandonedCalls) return seen;
	const isLong = fate < abandonedCalls + longCalls;
	const renewals = isLong && kind === 'bulkhead' ? await workLong(store, permit, leaseMs) : [];
	// Long enough for a breaker to open, probe and close meanwhile.
	await sleep(isLong ? leaseMs / 2 : random() * 6);
	const outcome = { kind: outcomeKind(random), latencyMs: 1 };
	const { answer: holding, ...settled } = await timed(() => store.settle(permit, outcome));
	return { ...seen, renewals, settlement: { ...settled, holding } };
}

/** Works for two leases and renews its own in time, if it can. */
async function workLong(store: OpenStore['store'], permit: Permit, leaseMs: number) {
	const renewals = [];
	for (let third = 0; third < 6; third++) {
		await sleep(leaseMs / 3);
		const { answer: holding, ...asked } = await timed(() => store.extend(permit, leaseMs));
		renewals.push({ ...asked, holding });
	}
	return renewals;
}

/** The service is down every other turn, for all processes at once. */
const outcomeKind = (random: Random): OutcomeKind => {
	const isDown = Math.floor(sharedNow() / SERVICE_TURN_MS) % 2 === 1;
	return random() < (isDown ? 0.9 : 0.02) ? 'failure' : 'success';
};
