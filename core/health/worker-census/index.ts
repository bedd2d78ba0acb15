export { WorkerCensus, type CensusLook } from './worker-census';
