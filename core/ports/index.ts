export type { Awaitable } from '../awaitable';
export type { Guard, PolicyDefinition, PolicyKind } from '../policies/definition';
export type { CachedResult, ResultCache } from '../policies/fallback';
export type { OverrideAction } from '../policies/override-action';
export type {
	BeginRequest,
	Ending,
	Run,
	RunAddress,
	RunAnswer,
	RunEnd,
	RunSnapshot,
	UnkeptFailure,
} from '../policies/run-once';
export type { Random } from '../random';
export type { Sha256 } from '../sha256';
export type * from './clock';
export type * from './cron-times';
export type * from './idempotency-store';
export type * from './plan-store';
export type * from './policy-keys';
export type * from './policy-registry';
export type * from './policy-store';
export type * from './recovery-records';
export type * from './shared-policies';
