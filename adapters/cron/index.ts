export { cronTimes } from './cron-times';
