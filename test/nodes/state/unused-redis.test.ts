import { definePolicy } from '../../../core/policies/define';
import { closeServices } from '../../../nodes/shared/state';
import { RedisState } from '../../../nodes/shared/state/redis-state';
import { redisSettingsOf } from '../../../adapters/redis';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { plantedSecret } from '../../support/planted-secrets';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { until } from '../../support/until';

const UNUSED_MS = 300;
const PASSWORD = plantedSecret('right password');

let server: RedisServer;
let admin: OpenStore;

beforeAll(async () => {
	server = await startRedis({ requirepass: PASSWORD });
	admin = openStore({ ...standalone(server.port), password: PASSWORD });
	await admin.connection.ready();
});

afterAll(async () => {
	await closeServices();
	admin.close();
	await server.stop();
});

/** How many requests have failed so far. */
const refused = async (): Promise<number> =>
	Number(/total_error_replies:(\d+)/.exec(await admin.connection.client.info('stats'))![1]);

it('tries a Redis that turns it away no longer than somebody wants to use it', async () => {
	const settings = { host: '127.0.0.1', port: server.port, password: plantedSecret('wrong') };
	const onUnused = jest.fn();
	const state = new RedisState(redisSettingsOf(settings), onUnused, UNUSED_MS);
	await state.open('allow');
	await until(async () => (await refused()) > 2);
	await until(() => Promise.resolve(onUnused.mock.calls.length > 0));
	const tried = await refused();
	await new Promise((resolve) => setTimeout(resolve, 4 * UNUSED_MS));
	expect(await refused()).toBe(tried);
	expect(onUnused).toHaveBeenCalledTimes(1);
});

it('goes on trying it while an execution that began long ago still makes calls', async () => {
	const settings = { host: '127.0.0.1', port: server.port, password: plantedSecret('wrong') };
	const onUnused = jest.fn();
	const state = new RedisState(redisSettingsOf(settings), onUnused, UNUSED_MS);
	const { store } = await state.open('allow');
	const limiter = definePolicy('rate-limiter', 'api', {});
	for (let call = 0; call < 4 * 5; call++) {
		await store.admit(admin.request([limiter]));
		await new Promise((resolve) => setTimeout(resolve, UNUSED_MS / 5));
	}
	expect(onUnused).not.toHaveBeenCalled();
	await state.close();
});
