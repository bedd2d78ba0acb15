import fc from 'fast-check';

import { KeyMap } from '../../../adapters/memory/key-map';
import { storedKey, storedKeyToKeep } from '../../../adapters/memory/stored-key';

/** Keys around the lengths at which they are kept in another way, of few characters so that they are often equal. */
const anyKey = fc
	.tuple(
		fc.constantFrom(0, 1, 12, 13, 36, 37, 38, 39, 512),
		fc.constantFrom('', 'a', 'ä', '✓', '\ud800', '\ud801', '\\ud800', '"', '\0'),
	)
	.map(([length, end]) => 'x'.repeat(Math.max(0, length - end.length)) + end);

describe('a key map', () => {
	it('does as a map does, however long the keys are', () => {
		const step = fc.tuple(fc.constantFrom('set', 'get', 'get', 'delete'), anyKey, fc.nat());
		fc.assert(
			fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
				const ours = new KeyMap<number>();
				const model = new Map<string, number>();
				for (const [action, key, value] of steps) {
					if (action === 'set') {
						ours.set(key, value);
						model.set(key, value);
					} else if (action === 'delete') {
						ours.delete(key);
						model.delete(key);
					}
					expect(ours.get(key)).toBe(model.get(key));
					expect(ours.size).toBe(model.size);
				}
				expect([...ours.values()]).toEqual([...model.values()]);
			}),
		);
	});

	it('looks at every entry once a round, and lets those leave that are done', () => {
		const map = new KeyMap<number>();
		for (let value = 0; value < 10; value++) map.set('long '.repeat(10) + value, value);
		const seen: number[] = [];
		const sweep = (count: number) =>
			map.sweep(count, (value) => {
				seen.push(value);
				return value % 2 === 1;
			});
		expect([sweep(4), sweep(4), sweep(4)]).toEqual([4, 4, 2]);
		expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
		expect([...map.values()]).toEqual([0, 2, 4, 6, 8]);
		expect([map.next(), map.next()]).toEqual([0, 2]);
		expect(sweep(10)).toBe(3);
		expect(map.next()).toBe(0);
	});

	it('has no next entry at the end of a round, and none at all when empty', () => {
		const map = new KeyMap<string>();
		expect(map.next()).toBeUndefined();
		map.set('key', 'value');
		expect([map.next(), map.next(), map.next()]).toEqual(['value', undefined, 'value']);
	});
});

describe('a stored key', () => {
	it('is short, and the key itself if that is short', () => {
		fc.assert(
			fc.property(anyKey, (key) => {
				expect(storedKey(key).length).toBeLessThanOrEqual(38);
				expect(storedKeyToKeep(key)).toBe(storedKey(key));
				if (key.length <= 36) expect(storedKey(key)).toBe(key);
			}),
		);
	});

	it('of a long key is that of no other key, not even of itself as a key', () => {
		const stored = storedKey('x'.repeat(37));
		expect(stored).not.toBe(storedKey('x'.repeat(38)));
		expect(stored.length).toBeGreaterThan(36);
		expect(storedKey(stored)).not.toBe(stored);
	});
});
