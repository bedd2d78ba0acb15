export { LeasingPolicyStore } from './leasing-policy-store';
