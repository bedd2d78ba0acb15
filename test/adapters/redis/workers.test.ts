import { definePolicy } from '../../../core/policies/define';
import type { Admission, Permit, PolicyDefinition } from '../../../core/ports';
import { noteFigure } from '../../support/note-figure';
import { useStoreWorkers } from '../../support/store-workers';
import { until } from '../../support/until';

const shared = useStoreWorkers();
const { startWorker } = shared;

let names = 0;
const bulkhead = (maxConcurrentCalls: number) =>
	definePolicy('bulkhead', `bulkhead ${names++}`, { maxConcurrentCalls, maxWaitDurationMs: 0 });
const breaker = () =>
	definePolicy('circuit-breaker', `breaker ${names++}`, {
		consecutiveFailureThreshold: 1,
		waitDurationInOpenStateMs: 1,
		permittedNumberOfCallsInHalfOpenState: 1,
	});

const FAILURE = { kind: 'failure', latencyMs: 1 } as const;
const SUCCESS = { kind: 'success', latencyMs: 1 } as const;

const isGranted = (admission: Admission) => admission.status === 'granted';

function permitOf(admission: Admission | undefined): Permit {
	if (admission?.status !== 'granted') throw new Error(`It was ${admission?.status}`);
	return admission.permit;
}

async function admit(policy: PolicyDefinition, leaseMs = 60_000): Promise<Admission> {
	return await shared.own.store.admit(shared.own.request([policy], leaseMs));
}

/** Asks until it is let in. */
async function admitted(policy: PolicyDefinition): Promise<Permit> {
	let admission = await admit(policy);
	await until(async () => isGranted(admission) || isGranted((admission = await admit(policy))));
	return permitOf(admission);
}

async function stateOf({ kind, name }: PolicyDefinition): Promise<string | undefined> {
	return (await shared.own.store.inspect({ kind, name, key: '' }))?.state;
}

/** Opens the breaker, and waits until it would let a probe through. */
async function trip(policy: PolicyDefinition): Promise<void> {
	await shared.own.store.override(policy, '', 'open');
	await until(async () => {
		const snapshot = await shared.own.store.inspect({
			kind: policy.kind,
			name: policy.name,
			key: '',
		});
		return snapshot?.figures.retryAfterMs === 0;
	});
}

describe('a worker that is killed', () => {
	it('gives back all its slots and its probe within its lease and a second', async () => {
		const LEASE_MS = 1_500;
		const [slots, probes] = [bulkhead(5), breaker()];
		const worker = await startWorker();
		await trip(probes);
		const heldFrom = Date.now();
		const held = await worker.ask('admit', slots, 5, LEASE_MS);
		expect(held.filter(isGranted)).toHaveLength(5);
		expect((await worker.ask('admit', probes, 1, LEASE_MS)).filter(isGranted)).toHaveLength(1);
		expect(isGranted(await admit(slots))).toBe(false);
		expect(isGranted(await admit(probes))).toBe(false);

		const heldUntil = Date.now();
		await worker.signal('SIGKILL');
		await admitted(slots);
		expect(Date.now() - heldFrom).toBeGreaterThanOrEqual(LEASE_MS - 1);
		for (let slot = 1; slot < 5; slot++) await admitted(slots);
		await admitted(probes);
		const backMs = Date.now() - heldUntil;
		noteFigure(`killed: all back with a lease of ${LEASE_MS} ms`, backMs, 'ms');
		expect(backMs).toBeLessThan(LEASE_MS + 1_000);
		expect(isGranted(await admit(slots))).toBe(false);
	});
});

describe('a worker that stands still for longer than its lease', () => {
	const LEASE_MS = 300;

	it('learns that it lost its slot, which stays with who has it now', async () => {
		const policy = bulkhead(1);
		const worker = await startWorker();
		const [admission] = await worker.ask('admit', policy, 1, LEASE_MS);
		await worker.signal('SIGSTOP');
		await admitted(policy);
		await worker.signal('SIGCONT');
		const permit = permitOf(admission);
		expect(await worker.ask('extend', permit, LEASE_MS)).toBe('lost');
		expect(await worker.ask('settle', permit, SUCCESS)).toBe('lost');
		expect(isGranted(await admit(policy))).toBe(false);
	});

	it('does not close a breaker by its late probe, nor open it', async () => {
		const policy = breaker();
		const worker = await startWorker();
		await trip(policy);
		const [admission] = await worker.ask('admit', policy, 1, LEASE_MS);
		await worker.signal('SIGSTOP');
		const probe = await admitted(policy);
		await worker.signal('SIGCONT');
		expect(await worker.ask('settle', permitOf(admission), SUCCESS)).toBe('lost');
		expect(await stateOf(policy)).toBe('half-open');
		expect(await shared.own.store.settle(probe, SUCCESS)).toBe('held');
		expect(await stateOf(policy)).toBe('closed');
	});
});

describe('workers whose clocks are a minute ahead and behind', () => {
	it('keep one limit, one lease and one breaker', async () => {
		const limiter = definePolicy('rate-limiter', 'clocks', { limit: 10, periodMs: 30_000 });
		const [slots, switched] = [bulkhead(1), breaker()];
		const [ahead, behind] = await Promise.all([startWorker(60_000), startWorker(-60_000)]);
		expect((await ahead.ask('now')) - (await behind.ask('now'))).toBeGreaterThan(100_000);

		expect((await behind.ask('admit', limiter, 4, 1_000)).filter(isGranted)).toHaveLength(4);
		expect((await ahead.ask('admit', limiter, 10, 1_000)).filter(isGranted)).toHaveLength(6);
		expect((await behind.ask('admit', limiter, 1, 1_000)).filter(isGranted)).toHaveLength(0);

		const [slot] = await behind.ask('admit', slots, 1, 10_000);
		expect((await ahead.ask('admit', slots, 1, 10_000)).filter(isGranted)).toHaveLength(0);
		expect(await behind.ask('settle', permitOf(slot), SUCCESS)).toBe('held');

		const [call] = await ahead.ask('admit', switched, 1, 10_000);
		await ahead.ask('settle', permitOf(call), FAILURE);
		await until(async () => isGranted((await behind.ask('admit', switched, 1, 10_000))[0]!));
		expect(await stateOf(switched)).toBe('half-open');
	});
});
