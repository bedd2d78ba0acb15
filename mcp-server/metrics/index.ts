export { exposition, EXPOSITION_TYPE, type MetricFamily } from './exposition';
export { stackMetrics } from './stack-metrics';
export { ToolMetrics } from './tool-metrics';
