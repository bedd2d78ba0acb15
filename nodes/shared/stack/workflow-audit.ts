import { AuditLog, dailyRetention, ownFolder, StateUnwritableError } from '../../../adapters/files';
import { sha256, systemClock, workerName } from '../../../adapters/system';
import type { AuditEvent } from '../../../core/audit';
import { auditFolder } from './bulwark-folder';

/** How long is kept what workflows changed, in ms. */
const KEPT_MS = 365 * 24 * 3_600_000;

let opened: ReturnType<typeof open> | undefined;

/**
 * Notes what a workflow plans and changes. Resolves when it is on disk, in a log that this process has for itself.
 * @throws {StateUnwritableError} What cannot be noted is not done.
 * @throws {AuditLogBrokenError}
 */
export async function noteAudit(event: Omit<AuditEvent, 'at'>): Promise<void> {
	opened ??= open();
	const { log, retention } = await opened.catch(tryAgainLater);
	const at = systemClock.now();
	await log.append({ at, ...event });
	// What cannot be deleted now is tried again another day.
	await retention(at).catch(() => undefined);
}

/** Lets another process have the folder. */
export async function closeAudit(): Promise<void> {
	const closing = opened;
	opened = undefined;
	const found = await closing?.catch(() => undefined);
	await found?.log.close();
	found?.folder.release();
}

const tryAgainLater = (error: Error): never => {
	opened = undefined;
	throw error instanceof StateUnwritableError
		? error
		: new StateUnwritableError(`The audit log in ${auditFolder()}`, error);
};

async function open() {
	const name = workerName().replaceAll(/[^\w.-]/g, '_');
	const folder = ownFolder(auditFolder(), `n8n-${name}`);
	const log = new AuditLog(folder.path, sha256);
	const retention = dailyRetention(log, KEPT_MS);
	return { log, folder, retention };
}
