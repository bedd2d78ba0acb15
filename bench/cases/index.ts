import type { Benchmark } from '../benchmark';
import { bottleneckCluster } from './bottleneck-cluster';
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
import { mcpHealth } from './mcp-health';
import { mcpScanPostgres, mcpScanSqlite } from './mcp-scan';
import { n8nGuardedQueue, n8nGuardedQueueLegacy } from './n8n-guarded-queue';
import { n8nGuardedRegular, n8nGuardedRegularLegacy } from './n8n-guarded-regular';
import { bareAwait } from './noop';
import { queueScale } from './queue-scale';
import { openReject } from './open-reject';
import { redisFused, redisFused64 } from './redis-fused';
import { redisLeased, rlfRedisLeased } from './redis-leased';
import { redisLimiter, redisLimiterGcra } from './redis-limiter';
import { redisSemaphore } from './redis-semaphore';
import { rlfRedis } from './rlf-redis';
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
	redisLimiter,
	redisLimiterGcra,
	redisFused,
	redisFused64,
	redisLeased,
	openReject,
	rlfRedis,
	rlfRedisLeased,
	redisSemaphore,
	bottleneckCluster,
	n8nGuardedRegular,
	n8nGuardedRegularLegacy,
	n8nGuardedQueue,
	n8nGuardedQueueLegacy,
	queueScale,
	mcpScanPostgres,
	mcpScanSqlite,
	mcpHealth,
];
