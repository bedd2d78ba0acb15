import type { ImportReport } from '../demo/index.ts';
import { type RunningMcpServer, showMcpServer } from '../mcp/index.ts';
import { showMembers } from './show-members.ts';
import type { Stack } from './stack.ts';

export interface Ready {
	stack: Stack;
	folder: string;
	flakyApiUrl: string | undefined;
	mcpServer: RunningMcpServer;
	report: ImportReport | undefined;
}

/** What a person reads when all is up. */
export function whatToTry({ stack, folder, flakyApiUrl, mcpServer, report }: Ready): string {
	const { client, webhookUrl, login, redis, redisCredential } = stack;
	const lines = ['', showMembers(stack.processes), ''];
	lines.push(`n8n in queue mode, with Bulwark:  ${client.url}`);
	if (login) {
		lines.push(`  e-mail    ${login.email}`, `  password  ${login.password}`);
	} else {
		lines.push(
			'  Log in with the password that you set: it is no longer the one made here, so the',
			'  workflows and the Redis credential were left as they are (--reset starts afresh).',
		);
	}
	lines.push(`Webhooks are called at:           ${webhookUrl}/webhook/...`);
	lines.push(`Redis for steps and the queue:    ${redis.host}:${redis.port}`);
	if (redisCredential) lines.push(`  n8n's credential for it: "${redisCredential.name}"`);
	if (flakyApiUrl) lines.push(`The flaky API:                    ${flakyApiUrl}`);
	if (report && report.imported.length > 0) lines.push(`Imported: ${report.imported.join(', ')}`);
	for (const name of report?.keptAsEdited ?? []) {
		lines.push(
			`"${name}" has a newer version, but you have edited yours: it stays. Delete it and start again to get the new one.`,
		);
	}
	lines.push('', ...showMcpServer(mcpServer));
	lines.push(`Passwords and logs are in ${folder}. Ctrl-C stops everything.`, '');
	return lines.join('\n');
}
