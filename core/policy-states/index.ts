export { PolicyStates, type PolicyLook, type SeenState, type UnreadState } from './policy-states';
export { tellState, type ToldState } from './tell-state';
export { titleOf } from './title-of';
export { placeOf, troubledPolicies, type TroubledPolicy } from './troubled-policies';
export { POLICY_TROUBLES, troubleOf, type PolicyTrouble } from './trouble-of';
