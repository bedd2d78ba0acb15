import type { N8nSettings } from './config-lint';

/**
 * Whether n8n keeps executions that end so: it deletes a row in whole where its setting says anything but `all`.
 * @param own the workflow's setting, such as saveDataSuccessExecution. @param byDefault what n8n's own setting says.
 * @returns undefined where that is not known.
 */
export const isKept = (own: unknown, byDefault: boolean | undefined): boolean | undefined =>
	own === undefined || own === 'DEFAULT' ? byDefault : own === 'all';

/** What n8n's own setting says of executions that succeed; undefined where its settings are not known. */
export const keepsSuccesses = (settings: N8nSettings | undefined): boolean | undefined =>
	settings && settings.value('EXECUTIONS_DATA_SAVE_ON_SUCCESS') === 'all';
