import type { Benchmark } from '../benchmark';
import { breaker } from './breaker';
import { breakerCount } from './breaker-count';
import { breakerOpossum } from './breaker-opossum';
import { breakerSampling } from './breaker-sampling';
import { bulkhead } from './bulkhead';
import { bulkheadBottleneck } from './bulkhead-bottleneck';
import { limiterBytes, limiterBytesSliding } from './limiter-bytes';
import {
	limiterMemory,
	limiterMemoryAwaited,
	limiterMemoryFixed,
	limiterMemoryGcra,
} from './limiter-memory';
import { n8nGuardedQueue, n8nGuardedQueueLegacy } from './n8n-guarded-queue';
import { n8nGuardedRegular, n8nGuardedRegularLegacy } from './n8n-guarded-regular';
import { bareAwait } from './noop';
import { queueScale } from './queue-scale';
import { wrap } from './wrap';

/** All benchmarks, in the table's order. */
export const benchmarks: readonly Benchmark[] = [
	bareAwait,
	breaker,
	breakerCount,
	breakerSampling,
	breakerOpossum,
	wrap,
	bulkhead,
	bulkheadBottleneck,
	limiterMemory,
	limiterMemoryGcra,
	limiterMemoryFixed,
	limiterMemoryAwaited,
	limiterBytes,
	limiterBytesSliding,
	n8nGuardedRegular,
	n8nGuardedRegularLegacy,
	n8nGuardedQueue,
	n8nGuardedQueueLegacy,
	queueScale,
];
