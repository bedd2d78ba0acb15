import type { IncomingMessage } from 'node:http';

/** A request without its body; undefined where it has no address that can be read. */
export function headOf({ method, url, headers }: IncomingMessage): Request | undefined {
	const named = Object.entries(headers).flatMap(([name, value]) =>
		[value ?? []].flat().map((one): [string, string] => [name, one]),
	);
	try {
		return new Request(`http://${headers.host ?? 'localhost'}${url}`, { method, headers: named });
	} catch {
		return undefined;
	}
}
