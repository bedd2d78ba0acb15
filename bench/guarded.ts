import type { Side } from './alternate';
import { noop } from './compare';
import { loadBulwark, type Bulwark } from './load-bulwark';

export type Definition = ConstructorParameters<Bulwark['Pipeline']>[0];

/** Our side: calls through a pipeline over the in-process store. */
export function guarded(define: (bulwark: Bulwark) => Definition): Side {
	const bulwark = loadBulwark();
	const { Pipeline, MemoryPolicyStore, LeaseKeeper, createPermitIds, systemClock } = bulwark;
	const store = new MemoryPolicyStore(systemClock);
	const pipeline = new Pipeline(define(bulwark), {
		store,
		clock: systemClock,
		random: Math.random,
		leases: new LeaseKeeper(store, systemClock, 30_000),
		newPermitId: createPermitIds(),
	});
	return async (calls) => {
		for (let call = 0; call < calls; call++) await pipeline.execute(noop);
	};
}
