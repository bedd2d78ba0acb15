import { lintRule } from '../lint-rule';
import { switchedOff } from '../switched-off';

/** Somebody must have looked at a failed execution within this time. */
const LEAST_KEPT_HOURS = 24;
const HOUR_MS = 3_600_000;

/** How long executions are kept after their end. What has not ended n8n does not prune. */
export const pruningRules = [
	lintRule({
		id: 'prune-age',
		mode: 'any',
		needs: ['settings'],
		check({ settings }) {
			const name = 'EXECUTIONS_DATA_MAX_AGE';
			if (!settings.value('EXECUTIONS_DATA_PRUNE')) return undefined;
			if (settings.value(name) >= LEAST_KEPT_HOURS) return undefined;
			return {
				severity: 'warning',
				setting: name,
				value: `${settings.shown(name)} hours`,
				loses:
					'Failed executions and their input are deleted before somebody has had a day to look at them or try them again.',
				remedy: `${name}=336`,
			};
		},
	}),
	lintRule({
		id: 'prune-count',
		mode: 'any',
		needs: ['settings', 'rates'],
		check({ settings, rates }) {
			const name = 'EXECUTIONS_DATA_PRUNE_MAX_COUNT';
			const most = settings.value(name);
			if (!settings.value('EXECUTIONS_DATA_PRUNE') || most <= 0) return undefined;
			const perHour = (rates.created * HOUR_MS) / rates.windowMs;
			if (perHour * LEAST_KEPT_HOURS <= most) return undefined;
			return {
				severity: 'warning',
				setting: name,
				value: settings.shown(name),
				loses: `At the present rate of ${Math.round(perHour)} executions an hour, failed ones and their input are deleted after ${(most / perHour).toFixed(1)} h.`,
				remedy: `${name}=${1_000 * Math.ceil((perHour * 7 * LEAST_KEPT_HOURS) / 1_000)}, or 0 to go by age alone`,
			};
		},
	}),
	switchedOff({
		id: 'prune-off',
		mode: 'any',
		setting: 'EXECUTIONS_DATA_PRUNE',
		severity: 'info',
		loses:
			'The table of executions grows without end: queries slow down, and a full disk stops everything.',
		remedy: 'EXECUTIONS_DATA_PRUNE=true, EXECUTIONS_DATA_MAX_AGE=336',
	}),
];
