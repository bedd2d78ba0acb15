import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RateLimiterMemory } from 'rate-limiter-flexible';

import type { Benchmark, Effort, Measurement } from '../benchmark';
import { loadBulwark } from '../load-bulwark';
import { median } from '../statistics';

const KEYS = 10_000;
/** One call an hour: no key becomes idle, and is forgotten, while it is measured. */
const LIMIT = 1;
const PERIOD_MS = 3_600_000;
const MOST_ROUNDS = 15;

const bytesOf = (id: string, algorithm: string, title: string): Benchmark => ({
	id,
	title: `${title}, memory a key at 10,000 keys; rate-limiter-flexible RateLimiterMemory`,
	unit: 'bytes/key',
	target: id === 'limiter-bytes' ? { below: 100 } : undefined,

	async measure({ rounds }: Effort): Promise<Measurement> {
		const enough = Math.min(rounds, MOST_ROUNDS);
		const ours = await bytesPerKey(() => bulwark(algorithm), enough);
		const other = await bytesPerKey(rateLimiterFlexible, enough);
		return { figure: ours, ours, other, note: 'heap, external memory and array buffers, after gc' };
	},
});

type Call = (key: string) => unknown;

/** The middle of several: the engine may make machine code or a cache of its own while memory is measured. */
async function bytesPerKey(limiter: () => Call, rounds: number): Promise<number> {
	const measured: number[] = [];
	for (let round = 0; round < rounds; round++) measured.push(await bytesLeftBehind(limiter));
	return median(measured);
}

/** Memory a key that one call for each of many keys leaves behind. Nobody else holds the keys. */
async function bytesLeftBehind(limiter: () => Call): Promise<number> {
	await callOnceEach(limiter(), 'other');
	const call = limiter();
	const before = usedBytes();
	await callOnceEach(call, 'user');
	const bytes = usedBytes() - before;
	call('the limiter is in use until here');
	return bytes / KEYS;
}

async function callOnceEach(call: Call, name: string): Promise<void> {
	for (let index = 0; index < KEYS; index++) await call(`${name}:${10_000 + index}`);
}

function usedBytes(): number {
	setFlagsFromString('--expose-gc');
	const gc = runInNewContext('gc') as () => void;
	gc();
	gc();
	const { heapUsed, external } = process.memoryUsage();
	// Array buffers are part of what counts as external.
	return heapUsed + external;
}

function bulwark(algorithm: string): Call {
	const { MemoryPolicyStore, createPermitIds, definePolicy, guard, systemClock } = loadBulwark();
	const store = new MemoryPolicyStore(systemClock);
	const newPermitId = createPermitIds();
	const options = { algorithm, limit: LIMIT, periodMs: PERIOD_MS };
	const policy = definePolicy('rate-limiter', 'bench', options);
	return (key) =>
		store.admit({
			permitId: newPermitId(),
			guards: [guard(policy, key)],
			attempt: 1,
			leaseMs: 30_000,
		});
}

function rateLimiterFlexible(): Call {
	const limiter = new RateLimiterMemory({
		points: LIMIT,
		duration: PERIOD_MS / 1_000,
		keyPrefix: '',
	});
	return (key) => limiter.consume(key);
}

export const limiterBytes = bytesOf('limiter-bytes', 'gcra', 'GCRA limiter');

export const limiterBytesSliding = bytesOf(
	'limiter-bytes-sliding',
	'sliding-window',
	'Sliding-window limiter',
);
