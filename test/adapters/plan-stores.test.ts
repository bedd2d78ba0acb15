import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { FilePlanStore } from '../../adapters/files';
import { RedisStores } from '../../adapters/redis';
import { createPermitIds, newUuid, systemClock } from '../../adapters/system';
import type { PlanStore } from '../../core/ports';
import { changePlan } from '../support/change-plan';
import { freePort } from '../support/free-port';
import { standalone } from '../support/open-store';
import { startRedis, type RedisServer } from '../support/redis-server';
import { until } from '../support/until';

const HOUR_MS = 3_600_000;

let redis: RedisServer;
let folder: string;
const ends: Array<() => void> = [];

beforeAll(async () => {
	redis = await startRedis();
	folder = await mkdtemp(path.join(tmpdir(), 'bulwark-plans-'));
});

afterAll(async () => {
	for (const end of ends) end();
	await redis.stop();
	await rm(folder, { recursive: true });
});

function openRedis(port = redis.port): RedisStores {
	const environment = { clock: systemClock, newId: createPermitIds() };
	const stores = new RedisStores(standalone(port), environment);
	ends.push(() => stores.close());
	return stores;
}

const openInRedis = (): PlanStore => openRedis().plans;

describe.each([
	['a folder', () => new FilePlanStore(folder, systemClock)],
	['Redis', openInRedis],
])('plans in %s', (_, open) => {
	it('are found by all replicas as they were saved, and by nothing but their ids', async () => {
		const saved = changePlan();
		await open().save(saved, HOUR_MS);
		expect(await open().find(saved.id)).toEqual({ plan: saved, isUsed: false });
		for (const id of [newUuid(), saved.id.toUpperCase(), `${saved.id}:used`, '../x', '*', ''])
			expect(await open().find(id)).toBeUndefined();
	});

	it('are used by exactly one of many who try at once', async () => {
		const saved = changePlan();
		const replicas = [open(), open(), open()];
		await replicas[0]!.save(saved, HOUR_MS);
		const tries = Array.from({ length: 30 }, (__, index) => replicas[index % 3]!.use(saved.id));
		expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
		expect(await replicas[1]!.find(saved.id)).toEqual({ plan: saved, isUsed: true });
		expect(await replicas[2]!.use(saved.id)).toBe(false);
	});

	it('are forgotten after their time, used or not', async () => {
		const [used, unused] = [changePlan(), changePlan()];
		const store = open();
		const keptMs = 100;
		for (const saved of [used, unused]) await store.save(saved, keptMs);
		expect(await store.use(used.id)).toBe(true);
		await until(async () => {
			await store.save(changePlan(), keptMs);
			return !(await store.find(used.id)) && !(await store.find(unused.id));
		});
	});
});

it('leaves no plan in Redis for ever', async () => {
	const saved = changePlan();
	const { plans, connection } = openRedis();
	await plans.save(saved, HOUR_MS);
	await plans.use(saved.id);
	const keys = (await connection.client.keys('*plan*')).filter((key) => key.includes(saved.id));
	expect(keys).toHaveLength(1);
	expect(await connection.client.pttl(keys[0]!)).toBeGreaterThan(HOUR_MS / 2);
});

it('says that Redis cannot be reached', async () => {
	const { plans } = openRedis(await freePort());
	const failure = { code: 'STORE_UNREACHABLE' };
	await expect(plans.save(changePlan(), HOUR_MS)).rejects.toMatchObject(failure);
	await expect(plans.use('x')).rejects.toMatchObject(failure);
});

describe('a plan in a file that cannot be read', () => {
	const open = () => new FilePlanStore(folder, systemClock);
	const fileOf = (id: string) => path.join(folder, `${id}.json`);

	it.each([
		['is empty', '', /it is not JSON$/],
		['is cut off', '{"id":', /it is not JSON$/],
		['holds nothing', 'null', /it holds another plan, or none$/],
		['holds another plan', '{"id":"other"}', /it holds another plan, or none$/],
	])('is named where the file %s, and found when that is put right', async (_, text, why) => {
		const saved = changePlan();
		await open().save(saved, HOUR_MS);
		await writeFile(fileOf(saved.id), text);
		const refusal = await open()
			.find(saved.id)
			.catch((error: unknown) => error);
		expect(refusal).toMatchObject({ code: 'PLAN_FILE_INVALID', remedy: expect.any(String) });
		expect((refusal as Error).message).toMatch(why);
		expect((refusal as Error).message).toContain(fileOf(saved.id));
		await writeFile(fileOf(saved.id), JSON.stringify(saved));
		expect(await open().find(saved.id)).toEqual({ plan: saved, isUsed: false });
	});

	it('is named where a folder is in its place, beside which others are made and forgotten', async () => {
		const [inTheWay, old] = [changePlan(), changePlan()];
		await mkdir(fileOf(inTheWay.id));
		await expect(open().find(inTheWay.id)).rejects.toMatchObject({
			code: 'PLAN_FILE_INVALID',
			message: expect.stringContaining('EISDIR'),
		});
		await open().save(old, HOUR_MS);
		const longAgo = new Date(systemClock.now() - HOUR_MS);
		for (const { id } of [inTheWay, old]) await utimes(fileOf(id), longAgo, longAgo);
		await open().save(changePlan(), HOUR_MS / 2);
		expect(await open().find(old.id)).toBeUndefined();
	});
});
