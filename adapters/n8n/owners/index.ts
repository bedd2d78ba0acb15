export { KnownClientOwners } from './known-client-owners';
export { LocalWorkers } from './local-workers';
export { matchProcesses, type SeenAnswer } from './match-processes';
