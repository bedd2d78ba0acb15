import { resolve } from 'node:path';

import { type N8nCommand, runCommand } from '../../../scripts/n8n/index.ts';

/** Makes n8n's tables by its own migrations, in a few seconds and without starting it. */
export async function migrate(
	{ node, script }: N8nCommand,
	userFolder: string,
	settings: NodeJS.ProcessEnv,
): Promise<void> {
	const program = resolve('test/support/n8n-database/n8n-migrations.cjs');
	const { code, output } = await runCommand(node, [program, script], {
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
