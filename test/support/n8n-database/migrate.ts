import { join } from 'node:path';

import { runCommand } from '../../../scripts/n8n/index.ts';
import { realN8n } from '../real-n8n';

/** Makes n8n's tables by its own migrations, in a few seconds and without starting it. */
export async function migrate(userFolder: string, settings: NodeJS.ProcessEnv): Promise<void> {
	const { node, script } = await realN8n();
	const { code, output } = await runCommand(node, [join(__dirname, 'n8n-migrations.cjs'), script], {
		cwd: userFolder,
		env: {
			PATH: process.env.PATH,
			N8N_USER_FOLDER: userFolder,
			N8N_ENCRYPTION_KEY: 'for-tests-only',
			N8N_LOG_LEVEL: 'error',
			...settings,
		},
	});
	if (code !== 0) throw new Error(`n8n's migrations ended with ${code}:\n${output}`);
}
