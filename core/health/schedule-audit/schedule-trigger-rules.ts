import type { WorkflowNode } from '../../ports/stack';
import type { Sha256 } from '../../ports';
import type { FireRule, FireRules } from './fire-rule';
import type { Recurrence } from './recurrence';

type Interval = Readonly<Record<string, unknown>>;

const MINUTE_MS = 60_000;
/** Every so many, where the user has left it out. */
const USUAL_SIZE = { seconds: 30, minutes: 5, hours: 1, days: 1, weeks: 1, months: 1 } as const;

/** What n8n's Schedule Trigger makes of its parameters. */
export function scheduleTriggerRules(
	workflowId: string,
	{ id, parameters }: WorkflowNode,
	sha256: Sha256,
): FireRules {
	if (hasExpression(parameters.rule))
		return { isKnown: false, because: 'its rules hold an expression' };
	const intervals = intervalsOf(parameters.rule);
	const second = secondOf(`${workflowId}:${id}`, sha256);
	const rules = intervals.map((interval) => ruleOf(interval, second));
	if (rules.some((rule) => rule === undefined))
		return { isKnown: false, because: 'one of its rules is not one that n8n knows' };
	return { isKnown: true, rules: rules as FireRule[] };
}

const hasExpression = (value: unknown): boolean =>
	typeof value === 'string'
		? value.startsWith('=')
		: typeof value === 'object' && value !== null && Object.values(value).some(hasExpression);

function intervalsOf(rule: unknown): readonly Interval[] {
	const { interval } = (rule ?? {}) as { interval?: readonly Interval[] };
	return interval ?? [{ field: 'days' }];
}

/** n8n spreads workflows over the minute. */
const secondOf = (seed: string, sha256: Sha256): number =>
	Number.parseInt(sha256(`${seed}:second`).slice(0, 8), 16) % 60;

/** Undefined where it is none that n8n lets a user make. */
function ruleOf(interval: Interval, second: number): FireRule | undefined {
	const { field = 'days', expression, triggerAtDay = [0] } = interval;
	if (field === 'cronExpression')
		return typeof expression === 'string' ? exactly(expression) : undefined;
	if (!isUnit(field)) return undefined;
	const number = (name: string, fallback: number): number => Number(interval[name] ?? fallback);
	const size = number(`${field}Interval`, USUAL_SIZE[field]);
	if (!Number.isInteger(size) || size < 1 || !Array.isArray(triggerAtDay)) return undefined;
	if (field === 'seconds') return exactly(`*/${size} * * * * *`);
	const minute = number('triggerAtMinute', 0);
	const hour = number('triggerAtHour', 0);
	const day = number('triggerAtDayOfMonth', 1);
	const by = (rest: string, recurrence?: Recurrence): FireRule => ({
		expression: `${second} ${rest}`,
		recurrence,
		earlyMs: 1_000 * second,
		lateMs: MINUTE_MS - 1_000 * (second + 1),
	});
	const recurrence = size === 1 ? undefined : { unit: field, size };
	/** Cron can say every so many only where that fits into the larger unit. */
	const step = (all: number): string => (all % size === 0 ? `*/${size}` : '*');
	switch (field) {
		case 'minutes':
			return by(`${step(60)} * * * *`, 60 % size === 0 ? undefined : recurrence);
		case 'hours':
			return by(`${minute} ${step(24)} * * *`, recurrence);
		case 'days':
			return by(`${minute} ${hour} * * *`, recurrence);
		case 'weeks':
			return by(`${minute} ${hour} * * ${triggerAtDay.join(',') || '*'}`, recurrence);
		case 'months':
			return by(`${minute} ${hour} ${day} ${step(12)} *`, recurrence);
	}
}

const isUnit = (field: unknown): field is keyof typeof USUAL_SIZE =>
	typeof field === 'string' && Object.hasOwn(USUAL_SIZE, field);

const exactly = (expression: string): FireRule => ({ expression, earlyMs: 0, lateMs: 0 });
