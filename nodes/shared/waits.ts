/**
 * Waits shorter than this stay in the process, like those of n8n's own Wait node; n8n looks for durable waits that
 * are over only once a minute.
 */
export const LONGEST_WAIT_IN_PROCESS_MS = 65_000;
