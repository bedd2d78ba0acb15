export { HostMetrics, type CounterName } from './host-metrics';
