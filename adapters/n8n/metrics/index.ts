export { HttpProcessMetrics } from './http-process-metrics';
