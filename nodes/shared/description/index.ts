export {
	breakerScopeExtras,
	parentBreakerOptions,
	parentBreakerProperty,
} from './breaker-properties';
export {
	collection,
	keyProperty,
	ownKeyProperty,
	policyNameProperty,
	requiredKeyProperty,
} from './common-properties';
export { alternativesProperty } from './fallback-properties';
export { leaseExtras } from './limiter-properties';
export { propertiesOf } from './option-property';
export { stepInputs, stepOutputs } from './ports';
export { retryBudgetProperties, retryRulesProperty } from './retry-properties';
export * from './step-options';
export { settingsOptions } from './settings-properties';
export { stepProperties } from './step-properties';
export { policySubtitle, subtitle } from './subtitle';
