export { breakerQuorum, overrideBreakerQuorum, type BreakerQuorumState } from './machine';
export { breakerQuorumOptions, quorumOption, type BreakerQuorumOptions } from './options';
