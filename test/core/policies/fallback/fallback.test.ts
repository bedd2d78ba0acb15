import { MemoryResultCache } from '../../../../adapters/memory';
import { resolveFallback, type Alternative } from '../../../../core/policies/fallback';
import { FakeClock } from '../../../support/fake-clock';

const failure = { message: 'down', statusCode: 503 };

describe('a fallback', () => {
	const clock = new FakeClock();
	const cache = new MemoryResultCache(clock);
	const resolve = (...alternatives: Alternative[]) => resolveFallback(alternatives, failure, cache);

	it('answers with the first alternative of the cascade that has an answer', async () => {
		const asked: string[] = [];
		const produce = (name: string, answer: () => unknown): Alternative => ({
			type: 'dynamic',
			produce: ({ statusCode }) => {
				asked.push(`${name} after ${statusCode}`);
				return answer();
			},
		});
		const result = await resolve(
			produce('throws', () => {
				throw new Error('also down');
			}),
			produce('rejects', () => Promise.reject(new Error('also down'))),
			{ type: 'last-good', key: 'unknown', maxAgeMs: 1_000 },
			produce('has nothing', () => undefined),
			produce('answers', () => Promise.resolve(null)),
			produce('is not asked', () => 1),
			{ type: 'static', value: 2 },
		);
		expect(result).toEqual({ value: null, source: 'dynamic', index: 4 });
		expect(asked).toEqual([
			'throws after 503',
			'rejects after 503',
			'has nothing after 503',
			'answers after 503',
		]);
	});

	it('answers with the last good result until that is too old', async () => {
		const lastGood = { type: 'last-good', key: 'user 1', maxAgeMs: 1_000 } as const;
		cache.set('user 1', { name: 'old' }, 60_000);
		cache.set('user 1', { name: 'new' }, 60_000);
		clock.advance(1_000);
		expect(await resolve(lastGood, { type: 'static', value: 'none' })).toEqual({
			value: { name: 'new' },
			source: 'last-good',
			index: 0,
			ageMs: 1_000,
		});
		clock.advance(1);
		expect(await resolve(lastGood, { type: 'static', value: 'none' })).toEqual({
			value: 'none',
			source: 'static',
			index: 1,
		});
	});

	it('has no answer when no alternative has one', async () => {
		expect(await resolve()).toBeUndefined();
		expect(await resolve({ type: 'static', value: undefined })).toBeUndefined();
	});
});
