export { loadNamedPolicies } from './load-named-policies';
export { PolicyNotes } from './policy-notes';
