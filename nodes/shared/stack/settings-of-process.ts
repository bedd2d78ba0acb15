import { settingsIn } from '../../../adapters/n8n';
import type { N8nSettings } from '../../../core/health';

/**
 * n8n's settings, as the process that runs a node has them.
 * @throws {SettingFileError}
 */
export const settingsOfProcess = (): N8nSettings =>
	settingsIn('the n8n process that runs this workflow', process.env);
