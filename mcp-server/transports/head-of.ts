import type { IncomingMessage } from 'node:http';

import { hostOf } from '../config/web-places';

/** A request without its body; undefined where it has no address that can be read. */
export function headOf({ method, url, headers }: IncomingMessage): Request | undefined {
	const named = Object.entries(headers).flatMap(([name, value]) =>
		[value ?? []].flat().map((one): [string, string] => [name, one]),
	);
	// Else a path may stand in it.
	if (headers.host !== undefined && !hostOf(headers.host)) return undefined;
	try {
		return new Request(`http://${headers.host ?? 'localhost'}${url}`, { method, headers: named });
	} catch {
		return undefined;
	}
}
