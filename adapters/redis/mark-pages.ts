/** The key of a request's mark, which it shares with those whose ids differ in the last character only. */
export const pageOf = (markBase: string, requestId: string): string =>
	markBase + requestId.slice(0, -1);
