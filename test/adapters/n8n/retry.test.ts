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

describe('n8n has surely not begun a retry', () => {
	/** As an n8n that has answered all that it was asked, and begun nothing. */
	const asked = async (
		answerTo: (method: string) => { readonly status: number; readonly body: object },
		begun: ReadonlyArray<{ readonly id: string; readonly retryOf: string }> = [],
		apiKey: string | undefined = 'key',
	): Promise<unknown> => {
		let hasPosted = false;
		const server = createServer(({ method }, response) => {
			hasPosted ||= method === 'POST';
			const { status, body } =
				method === 'GET'
					? { status: 200, body: { data: hasPosted ? begun : [] } }
					: answerTo(method!);
			response.writeHead(status).end(JSON.stringify(body));
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const api = new HttpN8nApi({ url, apiKey }, systemClock, 200);
		const became = await api.retry('1').catch((error: unknown) => error);
		server.closeAllConnections();
		server.close();
		return became;
	};
	const surelyNot = { code: 'NOT_RETRIED' };
	const problem = { status: 500, body: { message: 'Something is wrong' } };

	it.each([
		['it has no such execution', 404],
		['it takes no such key', 401],
		['it fails, and no retry is there', 500],
		['it is only starting', 503],
	])('where %s', async (_case, status) => {
		const answer = () => ({ status, body: { message: 'No' } });
		expect(await asked(answer)).toMatchObject(surelyNot);
	});

	it('where there is no key', async () => {
		const api = new HttpN8nApi({ url: 'http://127.0.0.1:1' }, systemClock);
		expect(api.hasKey).toBe(false);
		await expect(api.retry('1')).rejects.toMatchObject(surelyNot);
	});

	it('where nobody listens', async () => {
		const api = new HttpN8nApi({ url: 'http://127.0.0.1:1', apiKey: 'key' }, systemClock);
		await expect(api.retry('1')).rejects.toMatchObject(surelyNot);
	});

	it('and not where it has, and failed afterwards', async () => {
		expect(await asked(() => problem, [{ id: '7', retryOf: '1' }])).toBe('7');
	});
});
