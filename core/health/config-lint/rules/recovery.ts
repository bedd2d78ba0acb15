import { lintRule } from '../lint-rule';

/** n8n seeks so often by default. */
const USUAL_INTERVAL_MIN = 180;

/** Sub-workflows seldom last so long. */
const SHORTEST_INTERVAL_MIN = 60;

/** What n8n does by itself about executions that were lost. */
export const recoveryRules = [
	lintRule({
		id: 'recovery-batch',
		mode: 'queue',
		needs: ['settings', 'unfinished'],
		check({ settings, unfinished }) {
			const name = 'N8N_EXECUTIONS_QUEUE_RECOVERY_BATCH';
			const batch = settings.value(name);
			if (unfinished < batch) return undefined;
			return {
				severity: 'warning',
				setting: name,
				value: `${settings.shown(name)}; ${unfinished} executions are unfinished`,
				loses: `n8n looks at the newest ${batch} only when it seeks lost executions: older ones stay "running" for ever.`,
				remedy: `${name}=${1_000 * Math.ceil((2 * unfinished) / 1_000)}, on main`,
			};
		},
	}),
	lintRule({
		id: 'recovery-interval',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const name = 'N8N_EXECUTIONS_QUEUE_RECOVERY_INTERVAL';
			const minutes = settings.value(name);
			if (minutes >= SHORTEST_INTERVAL_MIN) return undefined;
			return {
				severity: minutes > 0 ? 'info' : 'warning',
				setting: name,
				value: `${settings.shown(name)}, in minutes`,
				loses:
					minutes > 0
						? `Every ${minutes} min n8n marks as crashed also what runs without a job at that moment, though it lives: sub-workflows, and what main runs by hand.`
						: 'n8n seeks lost executions without a pause, which keeps the database and Redis busy.',
				remedy: `${name}=${USUAL_INTERVAL_MIN}, on main: Bulwark names what is lost within 30 s`,
			};
		},
	}),
	lintRule({
		id: 'recovery-of-pools',
		mode: 'queue',
		needs: ['pools'],
		check({ pools }) {
			const others = pools.filter(
				({ pool, waiting, active }) => pool !== '' && waiting + active > 0,
			);
			if (others.length === 0) return undefined;
			return {
				severity: 'warning',
				setting: 'N8N_WORKER_POOL_NAME',
				value: others.map(({ pool }) => pool).join(', '),
				loses:
					'When main starts it seeks lost executions in the default queue alone: those that wait or run in a pool it marks as crashed, though they may succeed.',
				remedy:
					'Start main again only while pools are idle; N8N_EXECUTIONS_QUEUE_RECOVERY_BATCH=1 on main lets it mark one at most, and Bulwark seeks lost executions instead',
			};
		},
	}),
	lintRule({
		id: 'auto-deactivation',
		mode: 'any',
		needs: ['settings'],
		check({ settings }) {
			const name = 'N8N_WORKFLOW_AUTODEACTIVATION_ENABLED';
			if (!settings.value(name)) return undefined;
			const count = settings.value('N8N_WORKFLOW_AUTODEACTIVATION_MAX_LAST_EXECUTIONS');
			return {
				severity: 'warning',
				setting: name,
				value: settings.shown(name),
				loses: `After ${count} crashes in a row n8n unpublishes a workflow: its webhooks and schedules are then lost without an execution that shows it.`,
				remedy: `${name}=false`,
			};
		},
	}),
];
