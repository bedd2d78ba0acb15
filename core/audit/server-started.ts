import type { AuditEvent } from './audit-event';

/**
 * Begins the log of a server, and each later run of it: so a log without a line is one that was taken away, and not one of
 * a server that nobody has called.
 */
export const serverStarted = (at: number, version: string): AuditEvent => ({
	at,
	who: { name: 'server', role: 'viewer', via: 'watch' },
	operation: 'start',
	input: { version },
	outcome: 'done',
});
