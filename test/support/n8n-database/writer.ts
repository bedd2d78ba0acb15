import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

import type { N8nDatabase } from './n8n-database';

export interface Writer {
	isRunning(): boolean;
	/** How long each write took; fails where one met a lock. */
	readonly ended: Promise<{ readonly latenciesMs: readonly number[] }>;
}

/** A process that writes executions as n8n does and takes any lock in its way for an error. */
export async function startWriter(
	database: Pick<N8nDatabase, 'settings' | 'table'>,
	{ writes, everyMs }: { readonly writes: number; readonly everyMs: number },
): Promise<Writer> {
	const { settings } = database;
	const table = database.table('execution_entity');
	const told = JSON.stringify({ ...settings, ssl: false, table, writes, everyMs });
	let isRunning = true;
	let output = '';
	const child = execFile(
		process.execPath,
		[resolve('test/support/n8n-database/write-executions.cjs'), told],
		{
			maxBuffer: 64 * 1024 * 1024,
		},
	);
	child.stdout?.on('data', (text: string) => (output += text));
	const problem: string[] = [];
	child.stderr?.on('data', (text: string) => problem.push(text));
	const ended = once(child, 'close').then(([code]) => {
		isRunning = false;
		if (code !== 0) throw new Error(`A write was kept waiting: ${problem.join('')}`);
		return JSON.parse(output.split('\n')[1]!) as { latenciesMs: number[] };
	});
	ended.catch(() => undefined);
	await Promise.race([once(child.stdout!, 'data'), ended]);
	return { isRunning: () => isRunning, ended };
}
