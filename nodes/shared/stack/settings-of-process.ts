import { N8nSettings } from '../../../core/health';

/** n8n's settings, as the process that runs a node has them. */
export const settingsOfProcess = (): N8nSettings =>
	new N8nSettings('the n8n process that runs this workflow', (name) => process.env[name]);
