export { PolicyStates, type SeenState } from './policy-states';
export { titleOf } from './title-of';
export { placeOf, troubledPolicies, type TroubledPolicy } from './troubled-policies';
export { troubleOf, type PolicyTrouble } from './trouble-of';
