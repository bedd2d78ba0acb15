import { parseOptions } from '../../../core/options';
import { definePolicy } from '../../../core/policies/define';
import { retryOptions } from '../../../core/policies/retry';

export const retry = (raw: Record<string, unknown> = {}) =>
	parseOptions(retryOptions, { jitter: 'none', backoffType: 'constant', ...raw });
export const limiter = (raw = {}) => definePolicy('rate-limiter', 'limiter', raw);
export const breaker = (raw = {}, name = 'breaker') => definePolicy('circuit-breaker', name, raw);
export const bulkhead = (raw = {}) => definePolicy('bulkhead', 'bulkhead', raw);
export const timeout = (raw = {}) => definePolicy('timeout', 'timeout', raw);
export const down = new Error('down');
