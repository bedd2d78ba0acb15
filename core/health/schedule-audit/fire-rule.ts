import type { Recurrence } from './recurrence';

/** When a trigger fires. */
export interface FireRule {
	/** Of cron. */
	readonly expression: string;
	/** Which of the times of that expression n8n skips. */
	readonly recurrence?: Recurrence;
	/** How much before a time n8n may fire: some versions choose a second, or a minute, by chance. */
	readonly earlyMs: number;
	/** How much after it, likewise. */
	readonly lateMs: number;
}

/** The rules of a trigger, or why they are not known. */
export type FireRules =
	| { readonly isKnown: true; readonly rules: readonly FireRule[] }
	| { readonly isKnown: false; readonly because: string };
