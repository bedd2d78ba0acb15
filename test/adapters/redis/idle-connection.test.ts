import { Redis } from 'ioredis';

import { RedisConnection } from '../../../adapters/redis';
import { standalone } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { until } from '../../support/until';

const IDLE_MS = 60_000;

/** All but the intervals. */
const REAL = [
	...(['Date', 'hrtime', 'performance', 'nextTick', 'queueMicrotask'] as const),
	...(['setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'] as const),
];

let server: RedisServer;
let admin: Redis;
let connection: RedisConnection;

beforeAll(async () => {
	// Its looks at whether it is idle come when the test says so, however slow the server answers.
	jest.useFakeTimers({ doNotFake: REAL });
	server = await startRedis();
	admin = new Redis(server.port, '127.0.0.1');
	connection = new RedisConnection(standalone(server.port), IDLE_MS);
});

afterAll(async () => {
	connection.close();
	admin.disconnect();
	await server.stop();
	jest.useRealTimers();
});

const openCount = async (): Promise<number> =>
	((await admin.client('LIST')) as string).split('name=bulwark').length - 1;

it('closes all connections when nobody has used them for a while, and opens them again', async () => {
	for (let time = 0; time < 2; time++) {
		await connection.ready();
		await connection.listen();
		expect(await connection.client.ping()).toBe('PONG');
		expect(await openCount()).toBe(2);
		jest.advanceTimersByTime(2 * IDLE_MS);
		await until(async () => (await openCount()) === 0);
		expect(connection.isClosed).toBe(true);
	}
});

it('stays open while it is used', async () => {
	await connection.ready();
	const id = await connection.client.client('ID');
	for (let uses = 0; uses < 20; uses++) {
		jest.advanceTimersByTime(IDLE_MS);
		expect(await connection.client.client('ID')).toBe(id);
	}
});
