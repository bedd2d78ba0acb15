import { createFlakyApi, type FlakyApi, type Stats } from '../../../scripts/flaky-api/index.ts';

let now = Date.UTC(2026, 0, 1);
let api: FlakyApi;

beforeAll(async () => {
	api = await createFlakyApi({ port: 0, now: () => now });
});
afterAll(async () => await api.close());
beforeEach(async () => {
	await call('/reset', { method: 'POST' });
});

const call = async (path: string, init: RequestInit = {}) => await fetch(api.url + path, init);
const statuses = async (times: number, path: string) => {
	const seen: number[] = [];
	for (let n = 0; n < times; n += 1) seen.push((await call(path)).status);
	return seen;
};
const control = async (body: unknown) =>
	await call('/control', {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(body),
	});
const stats = async (query = '') => (await (await call(`/stats${query}`)).json()) as Stats;

describe('/flaky', () => {
	it('fails the first calls of each key, then succeeds', async () => {
		expect(await statuses(4, '/flaky?key=a&fail=2')).toEqual([503, 503, 200, 200]);
		expect(await statuses(2, '/flaky?key=b&fail=1&status=502')).toEqual([502, 200]);
	});

	it('starts over after each success when asked to repeat', async () => {
		expect(await statuses(5, '/flaky?fail=1&repeat=1')).toEqual([503, 200, 503, 200, 503]);
	});

	it('fails by chance the same way for the same seed, at about the rate', async () => {
		const first = await statuses(200, '/flaky?rate=0.3&seed=7');
		await call('/reset', { method: 'POST' });
		expect(await statuses(200, '/flaky?rate=0.3&seed=7')).toEqual(first);
		const failed = first.filter((status) => status === 503).length;
		expect(failed).toBeGreaterThan(35);
		expect(failed).toBeLessThan(85);
	});
});

describe('/down', () => {
	it('answers 503 for the keys that are switched off', async () => {
		await control({ down: true, key: 'a' });
		expect(await statuses(1, '/down?key=a')).toEqual([503]);
		expect(await statuses(1, '/down?key=b')).toEqual([200]);
		await control({ down: false, key: 'a' });
		expect(await statuses(1, '/down?key=a')).toEqual([200]);
	});

	it('comes back by itself after forMs', async () => {
		await control({ down: true, forMs: 5000 });
		expect(await statuses(1, '/down')).toEqual([503]);
		now += 5000;
		expect(await statuses(1, '/down')).toEqual([200]);
	});

	it('refuses a control without "down"', async () => {
		expect((await control({ key: 'a' })).status).toBe(400);
	});
});

describe('/limited', () => {
	it('answers 429 with Retry-After in seconds until the period is over', async () => {
		expect(await statuses(3, '/limited?limit=2&periodMs=1500')).toEqual([200, 200, 429]);
		expect((await call('/limited?limit=2&periodMs=1500')).headers.get('retry-after')).toBe('2');
		now += 1500;
		expect(await statuses(1, '/limited?limit=2&periodMs=1500')).toEqual([200]);
	});

	it('gives Retry-After as a date that is not too early', async () => {
		await call('/limited?limit=1&periodMs=1500');
		const answer = await call('/limited?limit=1&periodMs=1500&retryAfter=date');
		const at = Date.parse(answer.headers.get('retry-after') ?? '');
		expect(at).toBeGreaterThanOrEqual(now + 1500);
		expect(at).toBeLessThan(now + 2500);
	});
});

describe('/concurrent', () => {
	it('tells how many calls were in flight at most', async () => {
		await Promise.all([1, 2, 3].map(async () => await call('/concurrent?key=c&ms=100')));
		const { c } = (await stats()).concurrent ?? {};
		expect(c).toMatchObject({ calls: 3, inFlight: 0, maxInFlight: 3, statuses: { '200': 3 } });
	});

	it('refuses more than max', async () => {
		const answers = await Promise.all(
			[1, 2].map(async () => await call('/concurrent?key=d&ms=200&max=1')),
		);
		expect(answers.map(({ status }) => status).sort()).toEqual([200, 503]);
	});

	it('counts a caller who leaves as abandoned, and no longer in flight', async () => {
		const left = call('/concurrent?key=e&ms=60000', { signal: AbortSignal.timeout(200) });
		await expect(left).rejects.toThrow();
		const deadline = Date.now() + 5000;
		while ((await stats()).concurrent?.e?.inFlight !== 0 && Date.now() < deadline);
		expect((await stats()).concurrent?.e).toMatchObject({
			inFlight: 0,
			statuses: { abandoned: 1 },
		});
	});
});

describe('the other endpoints', () => {
	it('/slow answers after ms', async () => {
		const startedAt = performance.now();
		await call('/slow?ms=150');
		expect(performance.now() - startedAt).toBeGreaterThanOrEqual(149);
	});

	it('/status answers the status in its path', async () => {
		expect(await statuses(1, '/status/418')).toEqual([418]);
		expect(await statuses(1, '/status/204')).toEqual([204]);
		expect(await statuses(1, '/status/1000')).toEqual([400]);
		const answer = await call('/status/429?retryAfterMs=3000');
		expect(answer.headers.get('retry-after')).toBe('3');
	});

	it('/echo answers what it was sent', async () => {
		const answer = await call('/echo?a=1', {
			method: 'PUT',
			headers: { 'content-type': 'application/json' },
			body: '{"b":2}',
		});
		expect(await answer.json()).toMatchObject({ method: 'PUT', query: { a: '1' }, body: { b: 2 } });
	});

	it('/stats counts the busiest window', async () => {
		await statuses(3, '/echo?key=w');
		now += 2000;
		await statuses(2, '/echo?key=w');
		const { w } = (await stats('?windowMs=1000&key=w&arrivals=3')).echo ?? {};
		expect(w).toMatchObject({ calls: 5, lastWindow: 2, busiestWindow: 3 });
		expect(w!.arrivals).toEqual([now - 2000, now, now]);
	});

	it('/ lists the endpoints; what is unknown or wrong is said', async () => {
		expect(await (await call('/')).text()).toContain('/flaky');
		expect(await statuses(1, '/nothing')).toEqual([404]);
		expect(await statuses(1, '/slow?ms=abc')).toEqual([400]);
		expect((await call('/stats', { method: 'POST' })).status).toBe(405);
	});
});
