import fc from 'fast-check';

import { MemoryResultCache } from '../../../adapters/memory';
import { FakeClock } from '../../support/fake-clock';

describe('the cache of last good results', () => {
	it('remembers a copy that nobody can change', () => {
		const cache = new MemoryResultCache(new FakeClock());
		const item = { list: [1] };
		cache.set('key', item, 1_000);
		item.list.push(2);
		const first = cache.get('key')?.value as typeof item;
		expect(first).toEqual({ list: [1] });
		first.list.push(3);
		expect(cache.get('key')?.value).toEqual({ list: [1] });
	});

	it('forgets when the time to live is over', () => {
		const clock = new FakeClock();
		const cache = new MemoryResultCache(clock);
		cache.set('key', 1, 1_000);
		clock.advance(999);
		expect(cache.get('key')).toEqual({ value: 1, ageMs: 999 });
		clock.advance(1);
		expect(cache.get('key')).toBeUndefined();
		expect(clock.pendingTimers).toBe(0);
	});

	it('stays within its size, the oldest leaving first', () => {
		const cache = new MemoryResultCache(new FakeClock(), 10_000, 5_000);
		for (let key = 0; key < 1_000; key++) cache.set(`key ${key}`, 'x'.repeat(1_000), 60_000);
		const kept = Array.from({ length: 1_000 }, (_, key) => key).filter((key) =>
			cache.get(`key ${key}`),
		);
		expect(kept).toEqual([996, 997, 998, 999]);
	});

	it('does not keep what is too large, but what was good before it', () => {
		const cache = new MemoryResultCache(new FakeClock(), 10_000, 5_000);
		cache.set('key', 'old', 60_000);
		cache.set('key', 'x'.repeat(5_000), 60_000);
		expect(cache.get('key')?.value).toBe('old');
	});

	it('never fails a call, whatever its result is', () => {
		const circle: Record<string, unknown> = {};
		circle.self = circle;
		const cache = new MemoryResultCache(new FakeClock());
		for (const value of [circle, 1n, undefined, () => 1, Symbol('odd')]) {
			cache.set('key', 'good', 60_000);
			cache.set('key', value, 60_000);
			expect(cache.get('key')?.value).toBe('good');
		}
		fc.assert(
			fc.property(fc.string(), fc.anything({ withBigInt: true }), (key, value) => {
				cache.set(key, value, 60_000);
				cache.get(key);
			}),
		);
		cache.set('__proto__', 'safe', 60_000);
		expect(cache.get('__proto__')?.value).toBe('safe');
	});
});
