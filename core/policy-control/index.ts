export {
	overridePolicy,
	UnfitActionError,
	UnknownPolicyError,
	type OverrideRequest,
} from './override-policy';
