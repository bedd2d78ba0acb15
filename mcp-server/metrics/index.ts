export { EXPOSITION_TYPE } from './exposition';
export { measurements } from './measurements';
export { ServerMetrics } from './server-metrics';
