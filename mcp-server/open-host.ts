import path from 'node:path';

import { AuditLog, dailyRetention, ownFolder } from '../adapters/files';
import { sha256, systemClock } from '../adapters/system';
import { notedInput, serverStarted } from '../core/audit';
import { shorten } from '../core/shorten';
import { version } from '../package.json';
import type { FullConfig } from './config/read-config';
import { lookOut } from './look-out';
import { measurements, ServerMetrics } from './metrics';
import { openServices } from './open-services';
import { openWatch } from './open-watch';
import { redactorFor } from './redactor-for';
import type { ToolHost } from './server/tool-host';
import type { Services } from './services';

const DAY_MS = 24 * 3_600_000;

/** Longest answer to a client that is noted whole, in characters. */
const LONGEST_DETAIL = 2_048;

/** What tools go by, and how to end it. */
export interface OpenHost extends ToolHost<Services> {
	/** All measurements, as Prometheus reads them. */
	metrics(): Promise<string>;
	close(): Promise<void>;
}

/** What tools go by, for as long as the server runs. */
export async function openHost(
	config: FullConfig,
	transport: 'http' | 'stdio',
	onError: (error: Error) => void,
): Promise<OpenHost> {
	// Each process has a chain of its own: one that talks over its standard streams, and each replica that listens.
	const folder = ownFolder(path.join(config.stateFolder, 'audit'), `${config.name}-${transport}`);
	const log = new AuditLog(folder.path, sha256);
	const retention = dailyRetention(log, config.audit.keepDays * DAY_MS);
	// Who looks is answered all the same, and nothing is changed that cannot be noted.
	await begin(log, retention).catch(onError);
	const { services, watchLease, close } = openServices(config);
	const serverMetrics = new ServerMetrics();
	const when = transport === 'http' ? 'always' : 'asked';
	const endLookOut = lookOut(services.health, systemClock, when, onError);
	const note: ToolHost<Services>['audit'] = async (event) => {
		const at = systemClock.now();
		await log.append({ at, ...event });
		await retention(at).catch(onError);
		serverMetrics.note(event.operation, event.outcome, event.durationMs);
	};
	const host: ToolHost<Services> = {
		services,
		redactor: redactorFor(config),
		clock: systemClock,
		confirmation: config.confirmation,
		onError,
		audit: async (event) => {
			const detail = event.detail && shorten(event.detail, LONGEST_DETAIL);
			await note({ ...event, input: notedInput(event.input, sha256), detail });
		},
	};
	// Who talks over its standard streams comes and goes with a client. What the watch does is noted whole.
	const watch =
		transport === 'http' ? openWatch(config, { ...host, audit: note }, watchLease) : undefined;
	watch?.start();
	return {
		...host,
		metrics: async () =>
			await measurements(services, serverMetrics, (text) => host.redactor.data(text)),
		close: async () => {
			await watch?.stop();
			await endLookOut();
			await close();
			await log.close();
			folder.release();
		},
	};
}

async function begin(log: AuditLog, retention: (at: number) => Promise<void>): Promise<void> {
	const at = systemClock.now();
	await retention(at);
	await log.append(serverStarted(at, version));
}
