import { sha256, systemClock } from '../../adapters/system';
import { FailedLogins } from '../../mcp-server/auth/failed-logins';
import { configSchema } from '../../mcp-server/config/config-schema';
import { RequestLimiter } from '../../mcp-server/request-limiter';
import { startHttpServer } from '../../mcp-server/transports/http-server';
import { freePort } from '../support/free-port';

it('takes no fault of its own for one of the client, and keeps where it comes from', async () => {
	const { http } = configSchema.parse({ http: { port: await freePort() } });
	const limiter = new RequestLimiter(http.requestsPerMinute, systemClock);
	const told: Error[] = [];
	const onError = (error: Error) => void told.push(error);
	const audit = () => Promise.resolve();
	const broken = new TypeError('x is not a function');
	const server = await startHttpServer({
		http,
		authenticate: () => Promise.resolve({ name: 'alice', role: 'viewer', via: 'token' }),
		limiter,
		failedLogins: new FailedLogins(limiter, systemClock, sha256, audit, onError),
		metrics: () => Promise.resolve(''),
		createServer: () => {
			throw broken;
		},
		onError,
	});
	const ask = async (message: object) =>
		await fetch(server.url, {
			method: 'POST',
			headers: {
				authorization: 'Bearer x',
				accept: 'application/json, text/event-stream',
				'content-type': 'application/json',
			},
			body: JSON.stringify(message),
		});
	try {
		expect((await ask({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).status).toBe(500);
		expect(told).toEqual([broken]);
		expect(told[0]).toBe(broken);
	} finally {
		await server.close();
	}
});
