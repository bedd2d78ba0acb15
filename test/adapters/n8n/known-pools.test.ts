import { KnownPools } from '../../../adapters/n8n/queue';
import type { InstanceEntry } from '../../../core/ports/stack';
import { FakeClock } from '../../support/fake-clock';

const FRESH_MS = 5_000;

function poolsOf(...told: string[]) {
	const clock = new FakeClock();
	const registry = { asked: 0, pools: [] as string[], isDown: false };
	const instances = () => {
		registry.asked++;
		if (registry.isDown) return Promise.reject(new Error('it is down'));
		return Promise.resolve(registry.pools.map((pool) => ({ pool }) as InstanceEntry));
	};
	const redis = {
		...{ asked: 0, pools: [] as string[], isDown: false },
		before: undefined as Promise<void> | undefined,
	};
	const inRedis = async () => {
		redis.asked++;
		await redis.before;
		if (redis.isDown) throw new Error('no right');
		return redis.pools;
	};
	const known = new KnownPools(told, { instances }, inRedis, clock);
	return { clock, registry, redis, known };
}

it('are those that were told and those of workers that were ever seen', async () => {
	const { clock, registry, known } = poolsOf('told');
	registry.pools = ['seen'];
	expect(await known.names()).toEqual(['', 'told', 'seen']);
	registry.pools = ['', 'later'];
	expect(await known.names()).toEqual(['', 'told', 'seen']);
	clock.advance(FRESH_MS);
	expect(await known.names()).toEqual(['', 'told', 'seen', 'later']);
});

it('are asked for once by all who want them at the same time', async () => {
	const { registry, known } = poolsOf();
	registry.pools = ['seen'];
	expect(await Promise.all([known.names(), known.names()])).toEqual([
		['', 'seen'],
		['', 'seen'],
	]);
	expect(registry.asked).toBe(1);
});

it('are asked for again by who comes after a failure', async () => {
	const { registry, known } = poolsOf();
	registry.isDown = true;
	const asked = [known.names(), known.names()];
	for (const one of asked) await expect(one).rejects.toThrow('it is down');
	expect(registry.asked).toBe(1);
	registry.isDown = false;
	expect(await known.names()).toEqual(['']);
});

it('are looked for in Redis every ten minutes at most, and again where that failed', async () => {
	const { clock, redis, known } = poolsOf('told');
	redis.isDown = true;
	await expect(known.search()).rejects.toThrow('no right');
	Object.assign(redis, { isDown: false, pools: ['', 'told', 'left'] });
	expect(await Promise.all([known.search(), known.search()])).toEqual([true, true]);
	expect(redis.asked).toBe(2);
	expect(await known.names()).toEqual(['', 'told', 'left']);
	expect(await known.search()).toBe(true);
	clock.advance(600_000);
	expect(await known.search()).toBe(true);
	expect(redis.asked).toBe(3);
	expect(clock.pendingTimers).toBe(0);
});

it('are not all known while a Redis of many keys is looked through, for which nobody waits', async () => {
	const { clock, redis, known } = poolsOf();
	let end = (): void => undefined;
	const slow = new Promise<void>((resolve) => (end = resolve));
	redis.pools = ['left'];
	redis.before = slow;
	const searched = known.search();
	await clock.run(2_000);
	expect(await searched).toBe(false);
	expect(await known.names()).toEqual(['']);
	await clock.run(58_000);
	end();
	await clock.run(0);
	expect(await known.names()).toEqual(['', 'left']);
	expect(await known.search()).toBe(true);
	// It took a minute, and so is not done again for hours.
	await clock.run(3 * 3_600_000);
	expect(await known.search()).toBe(true);
	expect(redis.asked).toBe(1);
	await clock.run(3_600_000);
	redis.before = undefined;
	expect(await known.search()).toBe(true);
	expect(redis.asked).toBe(2);
});
