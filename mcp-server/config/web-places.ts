import { z } from 'zod';

/** Letters, digits, dots, hyphens; an IPv6 address in brackets; a port. */
const HOST = /^([\p{L}\p{N}_.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/iu;

/** How a browser writes an origin: without the port that its scheme has by default. Undefined where it is none. */
export function originOf(text: string): string | undefined {
	const url = URL.parse(text);
	if (!url || !HOST.test(url.host)) return undefined;
	const { protocol, host, pathname, href } = url;
	const origin = `${protocol}//${host}`;
	// Nothing else may stand in it, such as a path.
	return pathname.length <= 1 && href.length <= origin.length + 1 ? origin : undefined;
}

/** A host in lower case, and its port where one is given. Undefined where it is none. */
export function hostOf(
	text: string,
): { readonly name: string; readonly port?: string } | undefined {
	if (!HOST.test(text)) return undefined;
	const name = URL.parse(`http://${text}`)?.hostname;
	const port = /:(\d+)$/.exec(text)?.[1];
	return name === undefined ? undefined : { name, port };
}

/** The origin of a page: its scheme, host and port. */
export const origin = z
	.string()
	.refine((text) => originOf(text) !== undefined, {
		error: 'Not an origin: give scheme, host and port alone, such as https://app.example:8443',
	})
	.transform((text) => originOf(text)!);

/** A host, for one port or for all. */
export const host = z.string().refine((text) => hostOf(text) !== undefined, {
	error: 'Not a host: give its name, and a port if only that is meant, such as mcp.example:8443',
});
