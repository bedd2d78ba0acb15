import type { Awaitable } from '../../awaitable';
import type { Failure } from '../../failure';
import type { ResultCache } from './result-cache';

/** One thing to answer with when the call failed. */
export type Alternative =
	/** A value that is always there. */
	| { readonly type: 'static'; readonly value: unknown }
	/** The newest good result of an earlier call, unless it is older than `maxAgeMs`. */
	| { readonly type: 'last-good'; readonly key: string; readonly maxAgeMs: number }
	/** Something computed or called; an error in it moves on to the next alternative. */
	| { readonly type: 'dynamic'; readonly produce: (failure: Failure) => Awaitable<unknown> };

/** A degraded answer and where it came from. */
interface FallbackResult {
	readonly value: unknown;
	readonly source: Alternative['type'];
	/** Place of the alternative in the cascade, 0 first. */
	readonly index: number;
	/** Last good results only: how old the value is. */
	readonly ageMs?: number;
}

/**
 * Goes through the cascade until an alternative has an answer.
 * @returns undefined when none has; the original failure then stands.
 */
export async function resolveFallback(
	alternatives: readonly Alternative[],
	failure: Failure,
	cache: ResultCache,
): Promise<FallbackResult | undefined> {
	for (const [index, alternative] of alternatives.entries()) {
		const result = await answerOf(alternative, failure, cache);
		if (result && result.value !== undefined) return { ...result, source: alternative.type, index };
	}
	return undefined;
}

async function answerOf(
	alternative: Alternative,
	failure: Failure,
	cache: ResultCache,
): Promise<{ value: unknown; ageMs?: number } | undefined> {
	switch (alternative.type) {
		case 'static':
			return { value: alternative.value };
		case 'last-good': {
			const cached = await cache.get(alternative.key);
			return cached && cached.ageMs <= alternative.maxAgeMs ? cached : undefined;
		}
		case 'dynamic':
			try {
				return { value: await alternative.produce(failure) };
			} catch {
				return undefined;
			}
	}
}
