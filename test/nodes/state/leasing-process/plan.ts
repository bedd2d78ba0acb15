/** What the process is told in its arguments, as JSON. */
export interface LeasingPlan {
	readonly port: number;
	/** Calls that it makes at once, and once more when it is told to end and does so by itself. */
	readonly calls: number;
	/** As n8n does: when what is under way is done. */
	readonly endsByItself: boolean;
}
