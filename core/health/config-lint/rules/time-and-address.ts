import type { WorkflowOutline } from '../../../ports/stack';
import { lintRule } from '../lint-rule';
import { named } from '../named';

const SCHEDULES: ReadonlySet<string> = new Set([
	'n8n-nodes-base.scheduleTrigger',
	'n8n-nodes-base.cron',
]);

const hasNode = ({ nodes }: WorkflowOutline, wants: (type: string) => boolean): boolean =>
	nodes.some(({ type, isDisabled }) => !isDisabled && wants(type));

/** When and where n8n can be found. */
export const timeAndAddressRules = [
	lintRule({
		id: 'timezone',
		mode: 'any',
		needs: ['settings', 'workflows'],
		check({ settings, workflows }) {
			const name = 'GENERIC_TIMEZONE';
			if (settings.isGiven(name)) return undefined;
			const floating = workflows.filter(
				(workflow) =>
					hasNode(workflow, (type) => SCHEDULES.has(type)) &&
					[undefined, '', 'DEFAULT'].includes(workflow.settings.timezone as string | undefined),
			);
			if (floating.length === 0) return undefined;
			return {
				severity: 'warning',
				setting: name,
				value: settings.shown(name),
				loses: `Schedules run by the time of New York, also its daylight saving time, in ${named(floating)}.`,
				remedy: `${name}=Europe/Berlin, or where you are, on main and on all workers; or Timezone in the settings of these workflows`,
			};
		},
	}),
	lintRule({
		id: 'webhook-url',
		mode: 'any',
		needs: ['settings', 'workflows'],
		check({ settings, workflows }) {
			if (settings.isGiven('N8N_WEBHOOK_URL') || settings.isGiven('WEBHOOK_URL')) return undefined;
			const waiting = workflows.filter((workflow) =>
				hasNode(workflow, (type) => type === 'n8n-nodes-base.wait'),
			);
			if (waiting.length === 0) return undefined;
			return {
				severity: 'info',
				setting: 'N8N_WEBHOOK_URL',
				value: 'not set',
				loses: `Links by which waiting executions are told to go on lead to localhost: behind a proxy nobody can follow them, in ${named(waiting)}.`,
				remedy: 'N8N_WEBHOOK_URL=https://the.address.of.your.n8n/, on main and on all workers',
			};
		},
	}),
];
