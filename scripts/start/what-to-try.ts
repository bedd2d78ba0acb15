import type { ImportReport, WorkflowFile } from '../demo/index.ts';
import { type RunningMcpServer, showMcpServer } from '../mcp/index.ts';
import type { Login } from '../n8n/index.ts';

const DEMO = 'Protect a flaky API';

export interface Ready {
	url: string;
	login: Login | undefined;
	loginFile: string;
	flakyApiUrl: string | undefined;
	mcpServer: RunningMcpServer;
	workflows: readonly WorkflowFile[];
	report: ImportReport | undefined;
}

/** What a person reads when all is up: where n8n is, how to log in, what to try first. */
export function whatToTry(ready: Ready): string {
	const { url, login, loginFile, flakyApiUrl, mcpServer, workflows, report } = ready;
	const demo = workflows.find(({ workflow }) => workflow.name === DEMO);
	const lines = ['', `n8n with Bulwark is ready:  ${url}`, ''];
	if (login) {
		lines.push(`  e-mail    ${login.email}`, `  password  ${login.password}`);
		lines.push(`            (kept in ${loginFile})`);
	} else {
		lines.push(
			'  Log in with the password that you set: it is no longer the one made here, so the',
		);
		lines.push(
			'  prebuilt workflows were left as they are (`npm start -- --reset` starts afresh).',
		);
	}
	lines.push('');
	if (demo && login) {
		lines.push(`Try this: open "${DEMO}" and press "Execute workflow":`);
		lines.push(`  ${url}/workflow/${demo.workflow.id}`);
		lines.push('Watch retries, an open breaker and a fallback at work.', '');
	}
	if (flakyApiUrl) lines.push(`The flaky API they call (it lists what it can do):  ${flakyApiUrl}`);
	if (report && report.imported.length > 0) {
		lines.push(`Imported: ${report.imported.join(', ')}`);
	}
	for (const name of report?.keptAsEdited ?? []) {
		lines.push(
			`"${name}" has a newer version, but you have edited yours: it stays. Delete it and start again to get the new one.`,
		);
	}
	lines.push('', ...showMcpServer(mcpServer), 'Ctrl-C stops everything.', '');
	return lines.join('\n');
}
