/** Whether a source answers, and what follows where it does not. */
export interface Finding {
	readonly source: string;
	/**
	 * `partly`: it answers, but lacks something. `missing`: it is not configured, which may well be meant. Only `failed`
	 * is a fault.
	 */
	readonly status: 'reached' | 'partly' | 'failed' | 'missing';
	readonly durationMs: number;
	/** What it answered in short, or why it did not. */
	readonly says: string;
	/** What therefore cannot be known, or done. */
	readonly consequence?: string;
	readonly remedy?: string;
}
