import type { PolicyAddress } from '../ports';

/** What is the same for two addresses only if they are. */
export const placeOf = ({ kind, name, key }: PolicyAddress): string =>
	JSON.stringify([kind, name, key]);
