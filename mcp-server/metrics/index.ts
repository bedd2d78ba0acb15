export { exposition, EXPOSITION_TYPE, type GaugeFamily } from './exposition';
export { policyMetrics } from './policy-metrics';
export { ServerMetrics } from './server-metrics';
export { stackMetrics } from './stack-metrics';
