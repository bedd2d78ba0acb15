import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { AuditLog, namesIn } from '../../../adapters/files';
import { sha256 } from '../../../adapters/system';
import { verifyAudit } from '../../../mcp-server/commands/verify-audit';
import type { Replica } from './worked-stack';

const ASK_EVERY_MS = 1_000;

/** A worker as list_workers tells of it, by the name that the stack gave it. */
export interface ToldWorker {
	readonly id: string;
	readonly hostId: string;
	readonly state: string;
	readonly running?: number;
	readonly slotsSeen: number;
	readonly lastTookAt?: string;
	readonly evidence: ReadonlyArray<{ readonly source: string; readonly says: string }>;
}

/** By names such as `worker-2`. */
export async function workersToldBy({ client }: Replica): Promise<ReadonlyMap<string, ToldWorker>> {
	const { isError, text, structured } = await client.call('list_workers');
	if (isError) throw new Error(text);
	const workers = structured.workers as ToldWorker[];
	return new Map(workers.map((worker) => [nameIn(worker.hostId), worker]));
}

/** Asks each replica until these workers are in these states. */
export async function untilStates(
	replicas: readonly Replica[],
	wanted: Readonly<Record<string, string>>,
): Promise<void> {
	for (const replica of replicas)
		for (;;) {
			const told = await workersToldBy(replica);
			if (Object.entries(wanted).every(([name, state]) => told.get(name)?.state === state)) break;
			await sleep(ASK_EVERY_MS, undefined, { ref: false });
		}
}

/** @returns names of workers, by the execution that they say they run. */
export async function whoRuns(
	ids: readonly string[],
	{ client }: Replica,
): Promise<ReadonlyMap<string, string>> {
	const told = ids.map(async (executionId) => {
		const { structured } = await client.call('explain_execution', { executionId });
		return [executionId, nameIn(structured.reportedBy as string)] as const;
	});
	return new Map(await Promise.all(told));
}

/** An entry of a replica's audit log. */
export interface AuditEntry {
	readonly at: string;
	readonly operation: string;
	readonly outcome: string;
	readonly detail?: string;
}

/** What a replica has noted, the oldest first. */
export async function auditOf({ server }: Replica): Promise<AuditEntry[]> {
	const folder = path.join(server.config.stateFolder, 'audit');
	const entries: AuditEntry[] = [];
	for (const chain of await namesIn(folder))
		for await (const { lines } of new AuditLog(path.join(folder, chain), sha256).lines())
			entries.push(...lines.map((line) => JSON.parse(line) as AuditEntry));
	return entries;
}

/** Each replica has a chain of its own. */
export async function expectWholeAudits(replicas: readonly Replica[]): Promise<void> {
	for (const { server } of replicas) {
		const said: string[] = [];
		expect([await verifyAudit(server.config, (line) => said.push(line)), said]).toEqual([
			true,
			[expect.stringContaining('whole')],
		]);
	}
}

const nameIn = (hostId: string): string => /worker-\d+$/.exec(hostId)![0];
