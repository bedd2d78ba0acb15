import { Redis } from 'ioredis';

import {
	RedisIdempotencyStore,
	RedisPolicyStore,
	ScriptRunner,
	StateKeys,
	TurnedAway,
	UsedPolicies,
	WakeUps,
} from '../../../adapters/redis';
import { FakeClock } from '../../support/fake-clock';
import { startRedis, type RedisServer } from '../../support/redis-server';

/** A Redis for all tests of a file, whose scripts go by the test's clock. */
export interface StoreByClock {
	readonly client: Redis;
	/** Permit ids are to begin with `me:`. */
	open(clock: FakeClock): RedisPolicyStore;
	/** Whose scripts go by the server's clock instead. */
	openByServer(clock: FakeClock): RedisPolicyStore;
	openRuns(clock: FakeClock, newRequestId: () => string): RedisIdempotencyStore;
}

/** Sets it up by jest's hooks: the answer is complete once the first test runs. */
export function useStoreByClock(): StoreByClock {
	let server: RedisServer;
	let client: Redis;
	let listener: Redis;

	beforeAll(async () => {
		server = await startRedis();
		client = new Redis(server.port, '127.0.0.1');
		listener = client.duplicate();
	});

	afterAll(async () => {
		client.disconnect();
		listener.disconnect();
		await server.stop();
	});

	const keys = new StateKeys('test:');
	// One for all stores, as a process has one for all policies.
	const wakeUps = new WakeUps(() => Promise.resolve(listener), keys.wakeChannel, new FakeClock());

	const ready = () => Promise.resolve();
	const loadLibrary = async (source: string) =>
		void (await client.call('FUNCTION', 'LOAD', 'REPLACE', source));
	const common = (clock: FakeClock) => ({
		runner: new ScriptRunner({ client, ready, loadLibrary }),
		keys,
		wakeUps,
		clock,
		isTimeOwn: true,
	});

	const open = (clock: FakeClock, isTimeOwn: boolean) => {
		let ids = 0;
		return new RedisPolicyStore({
			...common(clock),
			isTimeOwn,
			used: new UsedPolicies({ client, ready }, keys, () => clock.now()),
			turnedAway: new TurnedAway({ client, ready }, keys, clock),
			newRequestId: () => `me:override ${isTimeOwn} ${clock.now()} ${ids++}`,
		});
	};

	return {
		get client() {
			return client;
		},
		open: (clock) => open(clock, true),
		openByServer: (clock) => open(clock, false),
		openRuns(clock, newRequestId) {
			return new RedisIdempotencyStore({ ...common(clock), newRequestId });
		},
	};
}
