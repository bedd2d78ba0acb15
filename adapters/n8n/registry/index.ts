export { RedisInstanceRegistry } from './redis-instance-registry';
export { RegistryUnreadableError } from './registry-unreadable-error';
