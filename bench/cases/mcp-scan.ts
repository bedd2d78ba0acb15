import { setTimeout as delay } from 'node:timers/promises';

import { openStackSources, type StackSettings } from '../../adapters/n8n';
import { systemClock } from '../../adapters/system';
import type { ExecutionStatus } from '../../core/ports/stack';
import type { N8nCommand } from '../../scripts/n8n/index';
import type { N8nDatabase } from '../../test/support/n8n-database/n8n-database';
import { postgresN8n } from '../../test/support/n8n-database/postgres-n8n';
import { sqliteN8n } from '../../test/support/n8n-database/sqlite-n8n';
import { startWriter } from '../../test/support/n8n-database/writer';
import type { Benchmark, Measurement } from '../benchmark';
import { addExecutions } from '../executions';
import { benchN8n } from '../real-n8n';
import { median } from '../statistics';

const ALL: readonly ExecutionStatus[] = [
	...(['new', 'running', 'waiting', 'success', 'error', 'crashed', 'canceled', 'unknown'] as const),
];
const EXECUTIONS = 1_000_000;
const PAGE = 1_000;
const WRITES = { writes: 300, everyMs: 5 };

/** Reads every execution, page after page, while another process writes and takes any lock in its way for an error. */
async function scan(open: (n8n: N8nCommand) => Promise<N8nDatabase>): Promise<Measurement> {
	const n8n = await open(await benchN8n());
	const { sources, close } = openStackSources(
		{
			database: n8n.settings,
			n8n: { url: 'http://127.0.0.1' },
			workerHealthUrls: [],
		} as unknown as StackSettings,
		systemClock,
	);
	const { executions } = sources.database!;
	try {
		await addExecutions(n8n, EXECUTIONS);
		const alone = await (await startWriter(n8n, WRITES)).ended;
		await executions.find(['1']);
		const before = process.memoryUsage().rss;
		const seen = { rows: 0, most: before };
		const locks = watchLocks(n8n);
		const writer = await startWriter(n8n, WRITES);
		const from = performance.now();
		let after: string | undefined;
		do {
			const page = await executions.withStatus(ALL, PAGE, after);
			after = page.next;
			seen.rows += page.rows.length;
			seen.most = Math.max(seen.most, process.memoryUsage().rss);
		} while (after !== undefined);
		const tookMs = performance.now() - from;
		if (seen.rows < EXECUTIONS) throw new Error(`Only ${seen.rows} executions were seen`);
		const beside = await writer.ended;
		const write = ({ latenciesMs }: typeof alone) => `${median([...latenciesMs]).toFixed(1)} ms`;
		return {
			figure: (seen.most - before) / 1e6,
			note: `${(tookMs / 1000).toFixed(1)} s; ${await locks.seen()}; writes that waited for a lock: 0 of ${WRITES.writes}; a write takes ${write(beside)}, alone ${write(alone)}`,
		};
	} finally {
		await close();
		await n8n.stop();
	}
}

/** Looks beside the scan at what our connections lock, and at who waits for a lock. */
function watchLocks(n8n: N8nDatabase) {
	// SQLite has nothing of the kind to ask for.
	if (n8n.settings.type === 'sqlite') return { seen: () => Promise.resolve('no locks to look at') };
	const modes = new Map<string, number>();
	let isOver = false;
	const watch = async (): Promise<void> => {
		while (!isOver) {
			for (const mode of await locksOf(n8n)) modes.set(mode, (modes.get(mode) ?? 0) + 1);
			await delay(10);
		}
	};
	const watching = watch();
	return {
		seen: async () => {
			isOver = true;
			await watching;
			return `locks seen: ${[...modes].map(([mode, times]) => `${mode} ${times}`).join(', ') || 'none'}`;
		},
	};
}

async function locksOf({ run }: N8nDatabase): Promise<string[]> {
	const rows =
		await run(`SELECT DISTINCT l.mode, l.granted FROM pg_locks l JOIN pg_stat_activity a USING (pid)
		WHERE l.locktype <> 'virtualxid' AND a.pid <> pg_backend_pid()
			AND (a.application_name = 'bulwark' OR NOT l.granted)`);
	return rows.map(({ mode, granted }) => `${String(mode)}${granted ? '' : ' awaited'}`);
}

const benchmark = (name: string, open: (n8n: N8nCommand) => Promise<N8nDatabase>): Benchmark => ({
	id: `mcp-scan-${name.toLowerCase()}`,
	title: `Memory by which the process grows while it reads 1,000,000 executions in n8n's ${name}`,
	unit: 'MB',
	target: { below: 200 },
	measure: async () => await scan(open),
});

export const mcpScanPostgres = benchmark('Postgres', postgresN8n);

export const mcpScanSqlite = benchmark('SQLite', sqliteN8n);
