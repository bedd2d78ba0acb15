import type { WorkflowNode } from '../../ports/stack';
import type { Sha256 } from '../../ports';
import type { FireRule, FireRules } from './fire-rule';
import type { Recurrence } from './recurrence';

type Interval = Readonly<Record<string, unknown>>;

const MINUTE_MS = 60_000;

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

function ruleOf(interval: Interval, second: number): FireRule | undefined {
	const number = (name: string, fallback: number): number => {
		const value = interval[name];
		return typeof value === 'number' ? value : fallback;
	};
	const field = (interval.field as string | undefined) ?? 'days';
	const [minute, hour] = [number('triggerAtMinute', 0), number('triggerAtHour', 0)];
	const by = (expression: string, recurrence?: Recurrence): FireRule => ({
		expression: `${second} ${expression}`,
		recurrence,
		earlyMs: 1_000 * second,
		lateMs: MINUTE_MS - 1_000 * (second + 1),
	});
	switch (field) {
		case 'cronExpression':
			return exactly(text(interval.expression));
		case 'seconds':
			return exactly(`*/${number('secondsInterval', 30)} * * * * *`);
		case 'minutes': {
			const size = number('minutesInterval', 5);
			return 60 % size === 0 ? by(`*/${size} * * * *`) : by('* * * * *', { unit: 'minutes', size });
		}
		case 'hours': {
			const size = number('hoursInterval', 1);
			return 24 % size === 0
				? by(`${minute} */${size} * * *`)
				: by(`${minute} * * * *`, { unit: 'hours', size });
		}
		case 'days':
			return by(`${minute} ${hour} * * *`, every('days', number('daysInterval', 1)));
		case 'weeks': {
			const days = (interval.triggerAtDay as readonly number[] | undefined) ?? [0];
			const daysOfWeek = days.length === 0 ? '*' : days.join(',');
			const size = number('weeksInterval', 1);
			return by(`${minute} ${hour} * * ${daysOfWeek}`, every('weeks', size));
		}
		case 'months': {
			const size = number('monthsInterval', 1);
			const day = number('triggerAtDayOfMonth', 1);
			return 12 % size === 0
				? by(`${minute} ${hour} ${day} */${size} *`)
				: by(`${minute} ${hour} ${day} * *`, { unit: 'months', size });
		}
		default:
			return undefined;
	}
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const every = (unit: Recurrence['unit'], size: number): Recurrence | undefined =>
	size === 1 ? undefined : { unit, size };

const exactly = (expression: string): FireRule => ({ expression, earlyMs: 0, lateMs: 0 });
