/** Aborted when the tests are over. */
export const ending = new AbortController();
