import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { cronTimes } from '../../adapters/cron';
import { sha256 } from '../../adapters/system';
import { LastChecks } from '../../core/health';
import { auditWorkflow } from '../../core/health/schedule-audit';
import { readConfig } from '../../mcp-server/config/read-config';
import { checkMetrics } from '../../mcp-server/metrics/check-metrics';
import { startMcpServer, type TestMcpServer } from '../support/mcp/mcp-server';

/** Sends back what its webhooks are sent. */
let n8n: Server;
let isBroken = false;
let server: TestMcpServer;

beforeAll(async () => {
	n8n = createServer((request, response) => {
		response.writeHead(isBroken ? 500 : 200, { 'content-type': 'application/json' });
		request.pipe(response);
	}).listen(0, '127.0.0.1');
	await new Promise((resolve) => n8n.once('listening', resolve));
	const { port } = n8n.address() as AddressInfo;
	const { n8n: read } = readConfig(undefined, {});
	server = await startMcpServer({}, { n8n: { ...read, url: `http://127.0.0.1:${port}` } });
});

afterAll(async () => {
	await server?.stop();
	n8n?.closeAllConnections();
	n8n?.close();
});

it('shows how the last synthetic check ended, how long it took and when', async () => {
	const token = await server.token('operator');
	const client = await server.connect('operator');
	const shown = async () => {
		const url = new URL('/metrics', server.url);
		const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
		const lines = (await answer.text()).split('\n');
		return (name: string): number | undefined => {
			const line = lines.find((one) => one.startsWith(`bulwark_synthetic_check_${name}{`));
			return line === undefined ? undefined : Number(line.split(' ').at(-1));
		};
	};
	expect((await shown())('passed')).toBeUndefined();
	for (const verdict of ['passed', 'failed']) {
		isBroken = verdict === 'failed';
		const before = Date.now();
		const { structured } = await client.call('run_synthetic_check', { timeoutSeconds: 5 });
		expect(structured).toMatchObject({ verdict });
		const value = await shown();
		expect(value('passed')).toBe(isBroken ? 0 : 1);
		expect(value('duration_seconds')).toBe((structured as any).durationMs / 1_000);
		expect(value('timestamp_seconds')).toBeGreaterThanOrEqual(before / 1_000);
		expect(value('hop_seconds')).toBe(0);
	}
});

it('shows of each workflow how many fires its last audit missed', async () => {
	const last = new LastChecks();
	const now = Date.UTC(2026, 10, 22, 5, 30);
	const parameters = { rule: { interval: [{ field: 'cronExpression', expression: '0 * * * *' }] } };
	const type = 'n8n-nodes-base.scheduleTrigger';
	const node = { id: 'n', name: 'Schedule', type, isDisabled: false, parameters };
	const settings = { timezone: 'UTC' };
	const workflow = { id: 'w', name: 'Report', isActive: true, tags: [], updatedAt: 0, settings };
	const options = { timezone: 'UTC', keptMs: Infinity, keepsSuccesses: true, keepsFailures: true };
	const triggeredAt = async () => ({ at: [], isWhole: true });
	for (const windowMs of [9 * 3_600_000, 3 * 3_600_000]) {
		const audit = await auditWorkflow(
			{ ...workflow, nodes: [node] },
			{ ...options, now, windowMs, lateAfterMs: 60_000, times: cronTimes(), sha256, triggeredAt },
		);
		last.noteAudits([audit]);
	}
	const shown = new Map(checkMetrics(last).map(({ name, samples }) => [name, samples]));
	const labels = { workflow: 'Report', workflow_id: 'w' };
	expect(shown.get('bulwark_schedule_fires')).toEqual([
		{ labels: { ...labels, fire: 'due' }, value: 3 },
		{ labels: { ...labels, fire: 'missed' }, value: 3 },
		{ labels: { ...labels, fire: 'doubled' }, value: 0 },
		{ labels: { ...labels, fire: 'late' }, value: 0 },
	]);
	expect(shown.get('bulwark_schedule_audit_start_timestamp_seconds')).toEqual([
		{ labels, value: (now - 3 * 3_600_000) / 1_000 },
	]);
});
