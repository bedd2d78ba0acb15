import { definePolicy } from '../../../core/policies/define';
import { useOpenStore } from '../../support/use-open-store';

const opened = useOpenStore();

const POLICIES = 100;

/** How often the server was asked to run one of our scripts. */
async function scriptCalls(): Promise<number> {
	const stats = await opened.connection.client.info('commandstats');
	const calls = [...stats.matchAll(/^cmdstat_(?:fcall|evalsha|eval):calls=(\d+)/gm)];
	return calls.reduce((sum, [, count]) => sum + Number(count), 0);
}

it('looks at states of many policies by few scripts, of which one that cannot be read fails alone', async () => {
	const names = Array.from({ length: POLICIES }, (_, number) => `svc-${number}`);
	const breakers = names.map((name) => definePolicy('circuit-breaker', name));
	for (const breaker of breakers) await opened.store.override(breaker, '', 'open');
	const look = async () =>
		await Promise.allSettled(
			names.map(async (name) => opened.store.inspect({ kind: 'circuit-breaker', name, key: '' })),
		);
	const before = await scriptCalls();
	const seen = await look();
	expect(await scriptCalls()).toBeLessThan(before + POLICIES / 5);
	for (const [index, name] of names.entries())
		expect(seen[index]).toMatchObject({ value: { address: { name }, state: 'open' } });
	await opened.connection.client.set('bulwark:{p:svc-7}:circuit-breaker::state', 'something else');
	const failed = (await look()).flatMap((one, index) =>
		one.status === 'rejected' ? [[names[index], one.reason.code]] : [],
	);
	expect(failed).toEqual([['svc-7', 'STORE_STATE_INVALID']]);
});
