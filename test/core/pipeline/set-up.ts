import { MemoryPolicyStore } from '../../../adapters/memory';
import type { Outcome } from '../../../core/outcome';
import { LeaseKeeper, Pipeline, type PipelineDefinition } from '../../../core/pipeline';
import type { AdmitRequest, Permit } from '../../../core/ports';
import { FakeClock } from '../../support/fake-clock';
import { seededRandom } from '../../support/seeded-random';

export const LEASE_MS = 3_000;

/** A pipeline on a fake clock whose calls to the store are written down. */
export function setUp(definition: PipelineDefinition) {
	const clock = new FakeClock();
	const store = new MemoryPolicyStore(clock);
	const admitted: AdmitRequest[] = [];
	const settled: Array<{ permit: Permit; outcome: Outcome }> = [];
	const admit = store.admit.bind(store);
	store.admit = (request) => {
		admitted.push(request);
		return admit(request);
	};
	const settle = store.settle.bind(store);
	store.settle = (permit, outcome) => {
		settled.push({ permit, outcome });
		return settle(permit, outcome);
	};
	let nextId = 0;
	const leases = new LeaseKeeper(store, clock, LEASE_MS);
	const pipeline = new Pipeline(definition, {
		store,
		clock,
		random: seededRandom(1),
		leases,
		newPermitId: () => `permit ${nextId++}`,
	});
	const outcomes = () => settled.map(({ outcome }) => outcome.kind);
	/** Work that takes a while and then ends well, or not. */
	const work = (ms: number, error?: unknown) => (): Promise<string> =>
		new Promise((resolve, reject) => {
			clock.schedule(() => (error === undefined ? resolve('done') : reject(error)), ms);
		});
	return { clock, store, pipeline, leases, admitted, settled, outcomes, work };
}

/** How a promise ended so far. */
export function watch<T>(promise: Promise<T>) {
	const watched: { ended: boolean; result?: T; error?: unknown } = { ended: false };
	promise.then(
		(result) => Object.assign(watched, { ended: true, result }),
		(error) => Object.assign(watched, { ended: true, error }),
	);
	return watched;
}
