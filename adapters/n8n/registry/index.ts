export { RedisInstanceRegistry } from './redis-instance-registry';
