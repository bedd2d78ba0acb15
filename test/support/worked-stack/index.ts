export { WorkedStack, type Replica, type Workload } from './worked-stack';
