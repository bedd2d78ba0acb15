import type { DatabaseSettings } from '../../../adapters/n8n';

/** A database that an n8n of the version we test with has made, and that a test fills. */
export interface N8nDatabase {
	/** Whom Bulwark is to be. */
	readonly settings: DatabaseSettings;
	/** One of n8n's tables, as a statement names it. */
	table(name: string): string;
	/** A time as a value of a statement. */
	time(timeMs: number): unknown;
	/** Runs a statement as n8n would, with a `?` where each of the values goes. */
	run(sql: string, values?: readonly unknown[]): Promise<Array<Record<string, unknown>>>;
	stop(): Promise<void>;
}
