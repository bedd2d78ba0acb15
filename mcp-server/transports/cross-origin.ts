/** What a page may read of an answer besides its body. */
const EXPOSED = 'mcp-protocol-version, mcp-session-id, retry-after, www-authenticate';

/** How long a browser may remember that it may ask, in seconds. */
const REMEMBERED_S = '600';

/** What lets a page that may call the server read its answers (CORS). Others send no origin, and need nothing. */
export function headersForPage({ headers }: Request): Readonly<Record<string, string>> {
	const origin = headers.get('origin');
	if (!origin) return {};
	return {
		'access-control-allow-origin': origin,
		'access-control-expose-headers': EXPOSED,
		vary: 'origin',
	};
}

/** The answer to a browser that asks, without a token, whether a page may send a request. Undefined for all else. */
export function headersForPreflight(
	request: Request,
): Readonly<Record<string, string>> | undefined {
	const { method, headers } = request;
	if (method !== 'OPTIONS' || !headers.get('access-control-request-method')) return undefined;
	return {
		...headersForPage(request),
		'access-control-allow-methods': 'GET, POST, DELETE',
		'access-control-allow-headers': headers.get('access-control-request-headers') ?? '',
		'access-control-max-age': REMEMBERED_S,
	};
}
