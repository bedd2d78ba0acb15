import { alternate } from '../alternate';
import type { Benchmark } from '../benchmark';
import { floor } from '../compare';
import { onRedis } from '../redis';
import { median } from '../statistics';

/** Once a second a call asks Redis whether the breaker is still open; that is part of the figure. */
export const openReject: Benchmark = {
	id: 'open-reject',
	title: 'Calls rejected by a breaker in Redis that this process knows to be open',
	unit: 'calls/s',
	target: { atLeast: 500_000 },
	measure: async (effort) =>
		await onRedis(async ({ store, newId, bulwark }) => {
			const { definePolicy, guard } = bulwark;
			const policy = definePolicy('circuit-breaker', 'bench', {
				waitDurationInOpenStateMs: 3_600_000,
			});
			await store.override(policy, '', 'open');
			const reject = () =>
				store.admit({
					permitId: newId(),
					guards: [guard(policy)],
					attempt: 1,
					leaseMs: 30_000,
				});
			const ours = async (calls: number) => {
				for (let call = 0; call < calls; call++) {
					const answer = reject();
					const { status } = answer instanceof Promise ? await answer : answer;
					if (status !== 'rejected') throw new Error('The breaker is not open.');
				}
			};
			const rounds = await alternate([ours, floor], effort);
			const figure = median(rounds.map(([speed]) => speed!));
			const share = median(rounds.map(([speed, bare]) => speed! / bare!)) * 100;
			return {
				figure,
				ours: figure,
				note: `median of ${rounds.length} rounds; ${share.toPrecision(2)} % of a bare await`,
			};
		}),
};
