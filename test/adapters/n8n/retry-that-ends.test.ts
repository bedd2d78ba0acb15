import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { HttpN8nApi } from '../../../adapters/n8n/api';
import { systemClock } from '../../../adapters/system';

it('finds a retry that ends just when it is asked which executions run', async () => {
	const retry = { id: '2', retryOf: '1' };
	let state: 'not begun' | 'running' | 'ended' = 'not begun';
	const server = createServer((request, response) => {
		const answer = (isListed: boolean) =>
			response.end(JSON.stringify({ data: isListed ? [retry, { id: '1' }] : [{ id: '1' }] }));
		// As n8n, which answers when the new execution has ended: too late for whoever asks.
		if (request.method === 'POST') return void (state = 'running');
		if (!request.url!.includes('status=running')) return void answer(state === 'ended');
		void sleep(state === 'running' ? 50 : 0).then(() => {
			if (state === 'running') state = 'ended';
			answer(false);
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	try {
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const api = new HttpN8nApi({ url, apiKey: 'key' }, systemClock, 200);
		expect(await api.retry('1')).toBe('2');
	} finally {
		server.closeAllConnections();
		server.close();
	}
});
