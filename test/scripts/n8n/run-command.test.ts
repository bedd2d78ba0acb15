import { isProcessAlive } from '../../../scripts/n8n/is-process-alive.ts';
import { pollUntil } from '../../../scripts/n8n/poll-until.ts';
import { runCommand } from '../../../scripts/n8n/run-command.ts';

const node = async (script: string, signal?: AbortSignal) =>
	await runCommand(process.execPath, ['-e', script], { signal });

describe('runCommand', () => {
	it('gives the exit code and what was written', async () => {
		const result = await node('console.log("out"); console.error("err"); process.exitCode = 3');
		expect(result).toMatchObject({ code: 3, stdout: 'out\n' });
		expect(result.output).toContain('err');
	});

	it('stops the command and what that started when asked to', async () => {
		const stop = new AbortController();
		const script = `
			const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
			require('node:fs').writeFileSync(${JSON.stringify(pidFile())}, String(child.pid));
			setInterval(() => {}, 1000);`;
		const running = node(script, stop.signal);
		const { readFile } = await import('node:fs/promises');
		const pid = await pollUntil(
			async () => Number(await readFile(pidFile(), 'utf8').catch(() => '')) || undefined,
			{ what: 'the child', timeoutMs: 10_000, everyMs: 20 },
		);
		stop.abort(new Error('enough'));
		await expect(running).rejects.toThrow('enough');
		await pollUntil(() => (isProcessAlive(pid) ? undefined : true), {
			what: 'the child to be gone',
			timeoutMs: 5000,
		});
	});
});

function pidFile(): string {
	return `/tmp/bulwark-run-command-${process.pid}`;
}
