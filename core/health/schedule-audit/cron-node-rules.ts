import type { WorkflowNode } from '../../ports/stack';
import type { FireRule, FireRules } from './fire-rule';

type Item = Readonly<Record<string, unknown>>;

const MINUTE_MS = 60_000;

/** What n8n's old Cron node makes of its parameters: it chooses a second by chance with each start of n8n. */
export function cronNodeRules({ parameters }: WorkflowNode): FireRules {
	const { item: items = [] } = (parameters.triggerTimes ?? {}) as { item?: readonly Item[] };
	const isOpen = items.some((item) =>
		Object.values(item).some((value) => typeof value === 'string' && value.startsWith('=')),
	);
	if (isOpen) return { isKnown: false, because: 'its times hold an expression' };
	return { isKnown: true, rules: items.map(ruleOf) };
}

function ruleOf(item: Item): FireRule {
	const { mode = 'everyDay', unit = 'hours' } = item;
	const number = (name: string, fallback: number): number => Number(item[name] ?? fallback);
	const [hour, minute] = [number('hour', 14), number('minute', 0)];
	switch (mode) {
		case 'everyMinute':
			return within(MINUTE_MS, '* * * * *');
		case 'everyHour':
			return within(MINUTE_MS, `${minute} * * * *`);
		case 'everyX':
			return unit === 'minutes'
				? within(MINUTE_MS, `*/${number('value', 2)} * * * *`)
				: within(60 * MINUTE_MS, `0 */${number('value', 2)} * * *`);
		case 'everyWeek':
			return within(MINUTE_MS, `${minute} ${hour} * * ${number('weekday', 1)}`);
		case 'everyMonth':
			return within(MINUTE_MS, `${minute} ${hour} ${number('dayOfMonth', 1)} * *`);
		case 'custom':
			return {
				expression: String(item.cronExpression ?? '* * * * * *').trim(),
				earlyMs: 0,
				lateMs: 0,
			};
		default:
			return within(MINUTE_MS, `${minute} ${hour} * * *`);
	}
}

const within = (widthMs: number, expression: string): FireRule => ({
	expression: `0 ${expression}`,
	earlyMs: 0,
	lateMs: widthMs - 1_000,
});
