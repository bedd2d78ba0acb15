import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import fc from 'fast-check';

import { HttpProcessMetrics } from '../../../adapters/n8n/metrics';
import { histogramQuantile } from '../../../adapters/n8n/metrics/histogram-quantile';
import { processMetricsOf } from '../../../adapters/n8n/metrics/process-metrics-of';
import { samplesOf } from '../../../adapters/n8n/metrics/prometheus-text';
import { systemClock } from '../../../adapters/system';

/** As n8n says that it is ready. */
const HEALTHY = '{"status":"ok"}';

it('reads what a client of Prometheus writes, escapes and odd numbers too', () => {
	const label = fc.string().filter((text) => !/[\r\u2028\u2029]/.test(text));
	fc.assert(
		fc.property(label, fc.double({ noNaN: true }), (text, value) => {
			const written = text.replace(/[\\\n"]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));
			const shown = Number.isFinite(value) ? `${value}` : value > 0 ? '+Inf' : '-Inf';
			const lines = ['# HELP a "b"', '# TYPE a gauge', `a{one="${written}",two=""} ${shown}`, ''];
			expect([...samplesOf(lines.join('\n'))]).toEqual([
				{
					name: 'a',
					labels: new Map([
						['one', text],
						['two', ''],
					]),
					value: Object.is(value, -0) ? 0 : value,
				},
			]);
		}),
	);
	expect([...samplesOf('a 1 1795321343000\nno sample\nb{} NaN')]).toMatchObject([
		{ name: 'a', value: 1 },
		{ name: 'b', value: NaN },
	]);
});

it('knows of no start at a time that no clock shows', () => {
	expect(processMetricsOf('process_start_time_seconds 1795321343').startedAt).toBe(
		1_795_321_343_000,
	);
	expect(processMetricsOf('process_start_time_seconds 1e30').startedAt).toBeUndefined();
});

it('finds quantiles between the bounds of their buckets', () => {
	const buckets = new Map([
		[0.1, 10],
		[1, 90],
		[Infinity, 100],
	]);
	expect(histogramQuantile(0.1, buckets)).toBeCloseTo(0.1);
	expect(histogramQuantile(0.5, buckets)).toBeCloseTo(0.55);
	expect(histogramQuantile(0.95, buckets)).toBe(1);
	expect(histogramQuantile(0.5, new Map([[Infinity, 0]]))).toBeUndefined();
});

it('counts answers with a fault of the server as failed, over all webhooks', () => {
	const sample = (workflow: string, status: number, fast: number, all: number) =>
		[
			['_bucket', `,le="0.5"`, fast],
			['_bucket', `,le="+Inf"`, all],
			['_count', '', all],
		]
			.map(
				([kind, bound, value]) =>
					`own_webhook_request_duration_seconds${kind}{workflow_id="${workflow}",status_code="${status}"${bound}} ${value}`,
			)
			.join('\n');
	const text = [sample('a', 200, 60, 60), sample('b', 404, 30, 30), sample('b', 503, 5, 10)];
	expect(processMetricsOf(text.join('\n'))).toEqual({
		webhookRequests: { total: 100, failed: 10, p95Ms: 500 },
	});
});

it('reaches who measures nothing, and takes nobody for dead who is only late', async () => {
	const serve = async (hangsAt: string) => {
		const server = createServer(({ url }, response) => {
			if (url !== hangsAt) response.end(HEALTHY);
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
	};
	const [cutOff, frozen] = [await serve('/metrics'), await serve('/healthz/readiness')];
	const type = 'worker' as const;
	const places = [cutOff, frozen].map(({ url }) => ({ url, type }));
	expect(await new HttpProcessMetrics(places, systemClock).processes()).toEqual([
		{ url: cutOff.url, type, isReady: true, hasMetrics: false, clock: expect.anything() },
		{ url: frozen.url, type, unreachable: expect.stringContaining('no answer'), mayLive: true },
	]);
	for (const { server } of [cutOff, frozen]) {
		server.closeAllConnections();
		server.close();
		await once(server, 'close');
	}
	const nowhere = { url: 'http://no-such-worker.invalid:5678', type };
	expect(await new HttpProcessMetrics([nowhere], systemClock).processes()).toEqual([
		{ ...nowhere, unreachable: expect.stringContaining('no-such-worker.invalid'), mayLive: true },
	]);
	expect(await new HttpProcessMetrics(places.slice(0, 1), systemClock).processes()).toEqual([
		{ ...places[0], unreachable: expect.stringContaining('ECONNREFUSED') },
	]);
});

it('says that main may be elsewhere where its address is only assumed and nobody was ever there', async () => {
	const server = createServer((_, response) =>
		response.setHeader('connection', 'close').end(HEALTHY),
	);
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const place = { url, type: 'main', isAssumed: true } as const;
	const [known, unknown, told] = [place, place, { url, type: 'main' } as const].map(
		(one) => new HttpProcessMetrics([one], systemClock),
	);
	expect(await known!.processes()).toMatchObject([{ isReady: true }]);
	server.close();
	await once(server, 'close');
	const unreachable = expect.stringContaining('ECONNREFUSED');
	expect(await unknown!.processes()).toEqual([
		{ url, type: 'main', unreachable, mayBeElsewhere: true },
	]);
	for (const one of [known!, told!])
		expect(await one.processes()).toEqual([{ url, type: 'main', unreachable }]);
});

it('takes no other page for n8n, and asks where n8n is told to answer', async () => {
	// n8n puts a slash before what it is told, and keeps one that is behind it.
	const healthy = ['/health/readiness', '/ends-so//readiness'];
	const server = createServer(({ url }, response) =>
		response.end(healthy.includes(url!) ? HEALTHY : '<!doctype html>'),
	);
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const places = [
		{ url, type: 'worker' },
		{ url, type: 'main', isAssumed: true },
	] as const;
	const unreachable =
		"what answers at /healthz/readiness is not n8n's health check (N8N_ENDPOINT_HEALTH): 200 <!doctype html>";
	expect(await new HttpProcessMetrics(places, systemClock).processes()).toEqual([
		{ url, type: 'worker', unreachable, mayLive: true },
		{ url, type: 'main', unreachable, mayLive: true, mayBeElsewhere: true },
	]);
	for (const endpoint of ['health', '/health', '/ends-so/'])
		expect(await new HttpProcessMetrics(places, systemClock, endpoint).processes()).toMatchObject([
			{ isReady: true },
			{ isReady: true },
		]);
	server.closeAllConnections();
	server.close();
	await once(server, 'close');
});
