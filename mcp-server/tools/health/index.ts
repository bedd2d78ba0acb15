export { getHealth } from './get-health';
export { getQueue } from './get-queue';
export { listWorkers } from './list-workers';
