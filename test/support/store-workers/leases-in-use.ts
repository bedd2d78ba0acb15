import assert from 'node:assert/strict';

import { definePolicy } from '../../../core/policies/define';
import type { PolicyDefinition } from '../../../core/ports';
import { expectWithinLimit } from '../limit-windows';
import type { OpenStore } from '../open-store';
import { until } from '../until';
import { leasedCalls, type LeasedCall } from './leased-calls';

const SHORT = { limit: 100, periodMs: 400, localLeases: true, leaseMaxAgeMs: 100 };
const LONG = { limit: 2_000, periodMs: 86_400_000, localLeases: true };

/** Those that look after the servers must get the processor in time. */
const CALLS_PER_TURN = 10;

/** A batch is a tenth of the limit at most. */
const LARGEST_BATCH = LONG.limit / 10;

/** Workers that lease permits of two limiters, of a short period and of a long one, all the time. */
export class LeasesInUse {
	private readonly short: ReturnType<typeof limiterOf>;
	private readonly long: ReturnType<typeof limiterOf>;
	private readonly histories: ReadonlyArray<Promise<LeasedCall[]>>;
	private isOver = false;

	constructor(
		private readonly workers: readonly [OpenStore, ...OpenStore[]],
		[short, long]: readonly [string, string],
	) {
		this.short = limiterOf(short, SHORT);
		this.long = limiterOf(long, LONG);
		const policies = [this.short, this.long];
		this.histories = workers.map((worker) =>
			leasedCalls(worker, { policies, isOver: () => this.isOver, callsPerTurn: CALLS_PER_TURN }),
		);
	}

	/** Resolves when so much of the limit of the long period is taken. */
	async untilTaken(part: number): Promise<void> {
		const { kind, name } = this.long;
		const [{ store }] = this.workers;
		await until(async () => {
			const seen = await Promise.resolve(store.inspect({ kind, name, key: '' })).catch(
				() => undefined,
			);
			return seen !== undefined && seen.figures.remaining! <= LONG.limit * (1 - part);
		});
	}

	/**
	 * Ends them when all of the long period's limit is taken, and fails where more calls were let through than a server
	 * can have granted twice that died and whose successor has answered since `backAt` (ms since the epoch).
	 * @returns how many were let through beyond the limit of the long period.
	 */
	async end(backAt: number): Promise<number> {
		await this.untilTaken(1);
		this.isOver = true;
		const calls = (await Promise.all(this.histories)).flat();
		calls.sort((one, other) => one.at - other.at);
		const under = ({ name }: PolicyDefinition) => calls.filter(({ policy }) => policy === name);

		const short = under(this.short);
		expectWithinLimit({ ...this.short.options, limit: 2 * SHORT.limit }, short);
		const since = short.filter(({ at }) => at >= backAt);
		assert.ok(since.length > 0);
		expectWithinLimit(this.short.options, since);

		const { length } = under(this.long);
		assert.ok(length <= 2 * LONG.limit, `${length} calls`);
		assert.ok(length >= LONG.limit - this.workers.length * LARGEST_BATCH, `${length} calls`);
		return Math.max(0, length - LONG.limit);
	}
}

const limiterOf = (name: string, options: Record<string, unknown>) =>
	definePolicy('rate-limiter', name, options);
