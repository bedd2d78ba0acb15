export { DefinitionNotes } from './definition-notes';
export { describeConflict, kindInWords } from './describe-conflict';
export { KnownPolicies } from './known-policies';
export { ENTRY_KEPT_MS, LONGEST_PAGE, MOST_ENTRIES, MOST_LISTED } from './limits';
export { nearNames } from './near-names';
export { registeredPolicy } from './registered-policy';
