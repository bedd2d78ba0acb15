import { closeServices } from '../../../nodes/shared/state';
import { ends, guarded, guardedChild, items } from '../../support/guarded-workflow';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { scripted, throwing } from '../../support/test-nodes';
import { runWorkflow } from '../../support/workflow-harness';
import { inRedis } from './redis-steps';

let server: RedisServer;
/** Another worker. */
let other: OpenStore;

beforeAll(async () => {
	server = await startRedis();
	other = openStore(standalone(server.port));
	await other.ping();
});

afterAll(async () => {
	await closeServices();
	other.close();
	await server.stop();
});

describe.each([
	['the nodes between', guarded, scripted],
	[
		'a sub-workflow',
		guardedChild,
		(plan: Parameters<typeof scripted>[0]) => ({ type: throwing(scripted(plan).type) }),
	],
] as const)('a breaker around %s', (way, around, call) => {
	/** Fails once, which is too often, and is called again. */
	async function failOnce(scope: string) {
		const policyName = `${way} by ${scope}`;
		const options = { policyName, scope, quorum: 1, consecutiveFailureThreshold: 1 };
		const run = async (plan: Parameters<typeof scripted>[0]) =>
			ends(
				await runWorkflow(
					around({
						step: 'circuitBreaker',
						...inRedis(server.port, { options }),
						call: call(plan).type,
						items: items(1),
					}),
				),
			);
		expect((await run({ 1: ['fail'] })).bad).toEqual([1]);
		expect((await run({})).rejected).toEqual([1]);
		const seenByOthers = async (kind: 'circuit-breaker' | 'breaker-quorum') =>
			(await other.store.inspect({ kind, name: policyName, key: '' }))?.state;
		return [await seenByOthers('circuit-breaker'), await seenByOthers('breaker-quorum')];
	}

	it('opens for all workers when it is shared', async () => {
		expect(await failOnce('shared')).toEqual(['open', undefined]);
	});

	it('opens for its worker alone when it is local', async () => {
		expect(await failOnce('local')).toEqual([undefined, undefined]);
	});

	it('opens for all workers by their votes when it is by quorum', async () => {
		expect(await failOnce('quorum')).toEqual([undefined, 'open']);
	});
});
