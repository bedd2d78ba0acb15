import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { FileRecoveryRecords } from '../../adapters/files';
import { RedisStores } from '../../adapters/redis';
import { createPermitIds, newUuid, systemClock } from '../../adapters/system';
import type { RecoveryRecord, RecoveryRecords } from '../../core/ports';
import { standalone } from '../support/open-store';
import { startRedis, type RedisServer } from '../support/redis-server';

let redis: RedisServer;
let folder: string;
const ends: Array<() => void> = [];

beforeAll(async () => {
	redis = await startRedis();
	folder = await mkdtemp(path.join(tmpdir(), 'bulwark-recoveries-'));
});

afterAll(async () => {
	for (const end of ends) end();
	await redis.stop();
	await rm(folder, { recursive: true });
});

const inRedis = (): RecoveryRecords => {
	const environment = { clock: systemClock, newId: createPermitIds() };
	const stores = new RedisStores(standalone(redis.port), environment);
	ends.push(() => stores.close());
	return stores.recoveries;
};

const inFile = (): RecoveryRecords => {
	const records = new FileRecoveryRecords(path.join(folder, 'recoveries.sqlite'), systemClock);
	ends.push(() => records.close());
	return records;
};

let executions = 0;

const recordOf = (more: Partial<RecoveryRecord> = {}): RecoveryRecord => ({
	executionId: `${++executions}`,
	workflowId: 'w',
	attempt: 1,
	claimId: newUuid(),
	by: { name: 'alice', role: 'operator', via: 'token' },
	claimedAt: Date.now(),
	updatedAt: Date.now(),
	loss: 'died with its worker',
	evidence: [{ source: 'queue', says: 'job 1 is active, and nobody "holds" it' }],
	action: 'enqueue again',
	reason: 'it may be run again',
	step: 'claimed',
	...more,
});

describe.each([
	['a file', inFile],
	['Redis', inRedis],
])('recoveries in %s', (_, open) => {
	it('are begun by exactly one of many who try at once', async () => {
		const { executionId } = recordOf();
		const replicas = [open(), open(), open()];
		const tries = Array.from({ length: 30 }, (__, index) =>
			replicas[index % 3]!.save(recordOf({ executionId }), undefined),
		);
		expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
		expect((await replicas[0]!.latest([executionId, 'other'])).size).toBe(1);
	});

	it('are gone on with by whoever has claimed them, and by one of those who take them over', async () => {
		const first = recordOf();
		const [one, other] = [open(), open()];
		expect(await one.save(first, undefined)).toBe(true);
		const further = { ...first, step: 'unqueued' as const };
		expect(await one.save(further, first.claimId)).toBe(true);
		expect((await other.latest([first.executionId])).get(first.executionId)).toEqual(further);
		const taken = { ...further, claimId: newUuid() };
		expect(await other.save(taken, first.claimId)).toBe(true);
		expect(await one.save({ ...first, step: 'enqueued' }, first.claimId)).toBe(false);
		expect((await one.latest([first.executionId])).get(first.executionId)).toEqual(taken);
	});

	it('keep each attempt, and tell the latest', async () => {
		const records = open();
		const first = recordOf({ step: 'enqueued' });
		const second = recordOf({ executionId: first.executionId, attempt: 2 });
		expect(await records.save(first, undefined)).toBe(true);
		expect(await records.save(second, undefined)).toBe(true);
		expect((await records.latest([first.executionId])).get(first.executionId)).toEqual(second);
		const { records: all } = await records.list(1_000);
		expect(all).toEqual(expect.arrayContaining([first, second]));
	});

	it('are listed page by page, the newest first, each once', async () => {
		const records = open();
		const claimedAt = Date.now() + 1_000_000;
		const saved = [0, 1, 1, 2, 3].map((later) => recordOf({ claimedAt: claimedAt + later }));
		for (const record of saved) await records.save(record, undefined);
		const listed: RecoveryRecord[] = [];
		let next: string | undefined;
		do {
			const page = await records.list(2, next);
			listed.push(...page.records);
			next = page.next;
		} while (next !== undefined && listed.length < 6);
		const ids = new Set(saved.map(({ executionId }) => executionId));
		const mine = listed.filter(({ executionId }) => ids.has(executionId));
		expect(mine).toHaveLength(5);
		expect(new Set(mine)).toEqual(new Set(saved));
		expect(mine.map((record) => record.claimedAt)).toEqual(
			mine.map((record) => record.claimedAt).sort((a, b) => b - a),
		);
	});
});

it('leaves no recovery in Redis for ever', async () => {
	const environment = { clock: systemClock, newId: createPermitIds() };
	const stores = new RedisStores(standalone(redis.port), environment);
	ends.push(() => stores.close());
	await stores.recoveries.save(recordOf(), undefined);
	const keys = await stores.connection.client.keys('*recover*');
	expect(keys.length).toBeGreaterThanOrEqual(2);
	for (const key of keys)
		expect(await stores.connection.client.pttl(key)).toBeGreaterThan(24 * 3_600_000);
});
