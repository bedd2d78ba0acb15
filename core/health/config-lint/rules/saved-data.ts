import type { WorkflowOutline } from '../../../ports/stack';
import { lintRule } from '../lint-rule';
import { switchedOff } from '../switched-off';
import { named } from '../named';

/** What is left of an execution to look at, and to try again from. */
export const savedDataRules = [
	lintRule({
		id: 'save-on-error',
		mode: 'any',
		needs: ['settings'],
		check({ settings }) {
			const name = 'EXECUTIONS_DATA_SAVE_ON_ERROR';
			if (settings.value(name) === 'all') return undefined;
			return {
				severity: 'critical',
				setting: name,
				value: settings.shown(name),
				loses:
					'Executions that fail are deleted with their input: nobody sees them, and they cannot be tried again.',
				remedy: `${name}=all`,
			};
		},
	}),
	lintRule({
		id: 'workflow-save-on-error',
		mode: 'any',
		needs: ['workflows'],
		check({ workflows }) {
			const forgetful = workflows.filter(forgetsErrors);
			if (forgetful.length === 0) return undefined;
			return {
				severity: 'critical',
				setting: 'Save failed production executions (settings of workflows)',
				value: `Do not save, in ${named(forgetful)}`,
				loses:
					'Executions of these that fail are deleted with their input: nobody sees them, and they cannot be tried again.',
				remedy: 'Set it to Save in the settings of each of these workflows',
			};
		},
	}),
	lintRule({
		id: 'save-on-success',
		mode: 'any',
		needs: ['settings'],
		check({ settings }) {
			const name = 'EXECUTIONS_DATA_SAVE_ON_SUCCESS';
			if (settings.value(name) === 'all') return undefined;
			return {
				severity: 'info',
				setting: name,
				value: settings.shown(name),
				loses:
					'Executions that succeed leave no trace, so a schedule that fired cannot be told from one that did not, nor a slow worker from an idle one.',
				remedy: `${name}=all, with EXECUTIONS_DATA_PRUNE=true against a database that grows`,
			};
		},
	}),
	switchedOff({
		id: 'save-progress',
		mode: 'queue',
		setting: 'EXECUTIONS_DATA_SAVE_ON_PROGRESS',
		severity: 'info',
		loses:
			'Of an execution that dies with its worker nothing says which nodes have run, so whether it may run again can only be told from the workflow.',
		remedy:
			'EXECUTIONS_DATA_SAVE_ON_PROGRESS=true where executions are few and costly: it writes after each node. Or set Save execution progress in single workflows, not in those with AI steps: what dies within such a step cannot be run again then',
	}),
	lintRule({
		id: 'error-workflow',
		mode: 'any',
		needs: ['workflows'],
		check({ workflows }) {
			const silent = workflows.filter(({ settings, nodes }) => {
				const isItself = nodes.some(({ type }) => type === 'n8n-nodes-base.errorTrigger');
				return !isItself && !settings.errorWorkflow;
			});
			if (silent.length === 0) return undefined;
			return {
				severity: 'info',
				setting: 'Error workflow (settings of workflows)',
				value: `none, in ${named(silent)}`,
				loses: 'When an execution of these fails nobody is told.',
				remedy:
					'Make a workflow with an Error Trigger, and choose it in the settings of each of these',
			};
		},
	}),
];

const forgetsErrors = ({ settings }: WorkflowOutline): boolean =>
	settings.saveDataErrorExecution === 'none';
