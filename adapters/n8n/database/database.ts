export type Row = Readonly<Record<string, unknown>>;

/** A statement, with a `?` where each of the values goes. */
export interface Statement {
	readonly sql: string;
	readonly values: readonly unknown[];
}

/** n8n's database. What Postgres and SQLite do alike is written once, in SQL that both understand. */
export interface Database {
	/** How a statement names one of n8n's tables. */
	table(name: string): string;
	/** A time in ms since the epoch, as a value of a statement. */
	timeValue(timeMs: number): unknown;
	/** What a column of times holds, in ms since the epoch: what the database reckons is no work for us. */
	millis(column: string): string;
	/** Of a column that holds nodes, as JSON: the type of each, and whether it is switched off. */
	kindsOfNodes(column: string): string;
	/** What a column of JSON holds. */
	jsonOf(column: unknown): unknown;
	/** What tells the time by the database's own clock, in ms since the epoch; undefined where that is ours. */
	readonly ownTime: string | undefined;
	/** The condition that n8n has not begun to delete an execution, which the statement calls `e`. */
	readonly isKept: string;
	/** Whether rows of one workflow and status are found by an index, in the order of their ids. */
	readonly hasStatusIndex: boolean;
	/** Runs one statement that changes nothing. */
	read(statement: Statement): Promise<readonly Row[]>;
	/** Runs one statement in a transaction of its own. @returns how many rows it changed. */
	write(statement: Statement): Promise<number>;
	close(): Promise<void>;
}
