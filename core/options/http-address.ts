import { z } from 'zod';

/** An address that may be shown: http or https, without a user or a password. */
export const httpAddress = z.url({ protocol: /^https?$/ }).refine(
	(text) => {
		const url = URL.parse(text);
		return !url || (url.username === '' && url.password === '');
	},
	{
		error:
			'Holds a user or a password, which would be shown with it: leave out what stands before @',
	},
);

/** Whether each leads to another place, as far as their text tells. */
export const areDifferent = (addresses: readonly string[]): boolean =>
	new Set(addresses.map((text) => URL.parse(text)?.href ?? text)).size === addresses.length;
