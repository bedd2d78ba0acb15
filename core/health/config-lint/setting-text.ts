/*
 * How n8n reads what its environment sets (@n8n/config 2.41). What it cannot read it warns of, and takes its default: then
 * these give undefined.
 */

/** Without the quotes that `docker --env-file` leaves around it. */
export const textFrom = (text: string): string => text.trim().replace(/^(['"])(.*)\1$/, '$2');

export function flagFrom(text: string): boolean | undefined {
	const lower = text.toLowerCase();
	if (lower === 'true' || lower === '1') return true;
	return lower === 'false' || lower === '0' ? false : undefined;
}

export function numberFrom(text: string): number | undefined {
	const isEmpty = textFrom(text).trim() === '';
	return isEmpty || Number.isNaN(Number(text)) ? undefined : Number(text);
}
