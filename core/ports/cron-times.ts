/** When cron expressions are due, as n8n has it. */
export interface CronTimes {
	/**
	 * The first times within a span, ends included, ascending, in ms since the epoch.
	 * @param expression of five fields, or of six with seconds first.
	 * @param timezone such as Europe/Berlin.
	 */
	within(
		expression: string,
		timezone: string,
		span: { readonly from: number; readonly to: number },
		most: number,
	): readonly number[];
	/** What is wrong with an expression; undefined where it can be used. */
	problemOf(expression: string): string | undefined;
}
