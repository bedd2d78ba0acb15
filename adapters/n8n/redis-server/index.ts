export { RedisServers } from './redis-servers';
