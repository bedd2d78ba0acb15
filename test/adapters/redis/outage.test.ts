import { setTimeout as sleep } from 'node:timers/promises';

import { MemoryPolicyStore } from '../../../adapters/memory';
import { systemClock } from '../../../adapters/system';
import { definePolicy } from '../../../core/policies/define';
import type { Admission, Permit, PolicyDefinition } from '../../../core/ports';
import {
	OutageTolerantStore,
	StoreHealth,
	type StoreEvent,
	type WhenStoreIsDown,
} from '../../../core/store-outage';
import { FaultProxy } from '../../support/fault-proxy';
import { LostTime } from '../../support/lost-time';
import { noteFigure } from '../../support/note-figure';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';
import { sharedNow } from '../../support/store-workers';
import { until } from '../../support/until';

/** Half a minute by `npm run test:long`. */
const OUTAGE_MS = Number(process.env.BULWARK_OUTAGE_MS ?? 3_000);

/** What is promised for a verdict while Redis is down. */
const VERDICT_MS = 100;

/** A store that is back is noticed within the longest time between two probes, and a connection has to be made. */
const BACK_WITHIN_MS = 2_500;

const SLOTS = 4;
const SUCCESS = { kind: 'success', latencyMs: 1 } as const;

let server: RedisServer;
let proxy: FaultProxy;
const opened: Tolerant[] = [];

beforeAll(async () => {
	server = await startRedis();
	proxy = await FaultProxy.start(server.port);
});

afterEach(async () => {
	await proxy.reset();
	for (const { health, shared } of opened.splice(0)) {
		health.stop();
		// What is under way ends before the first answer. What is taken back for that ends before the second, and would
		// open the connection again if it were closed by then.
		await shared.ping().catch(() => undefined);
		await shared.ping().catch(() => undefined);
		shared.close();
	}
});

afterAll(async () => {
	await proxy.stop();
	await server.stop();
});

/** What a process has that shares policies and tolerates outages. */
interface Tolerant {
	readonly shared: OpenStore;
	readonly health: StoreHealth;
	readonly events: StoreEvent[];
	stores: Readonly<Record<WhenStoreIsDown, OutageTolerantStore>>;
}

async function open(): Promise<Tolerant> {
	const shared = openStore(standalone(proxy.port));
	await shared.store.check();
	const events: StoreEvent[] = [];
	const health = new StoreHealth(
		systemClock,
		() => shared.store.check(),
		(event) => events.push(event),
	);
	const local = new MemoryPolicyStore(systemClock);
	const make = (whenDown: WhenStoreIsDown) =>
		new OutageTolerantStore(shared.store, local, health, systemClock, whenDown);
	const stores = { allow: make('allow'), reject: make('reject'), local: make('local') };
	const tolerant = { shared, health, events, stores };
	opened.push(tolerant);
	return tolerant;
}

let names = 0;
const bulkhead = () =>
	definePolicy('bulkhead', `bulkhead ${names++}`, {
		maxConcurrentCalls: SLOTS,
		maxWaitDurationMs: 0,
	});

const holdersOf = async ({ store }: OpenStore, { kind, name }: PolicyDefinition) =>
	(await store.inspect({ kind, name, key: '' }))?.figures.holders ?? 0;

function permitOf(admission: Admission): Permit {
	if (admission.status !== 'granted') throw new Error(`It was ${admission.status}`);
	return admission.permit;
}

/** Where an answer comes from. */
const sourceOf = (admission: Admission): 'shared' | WhenStoreIsDown => {
	if (admission.status === 'granted') return admission.permit.degraded ?? 'shared';
	return admission.status === 'rejected' && admission.isStoreDown ? 'reject' : 'shared';
};

/** Calls without end under one policy, and what became of them. */
class Load {
	readonly verdicts: Array<{ at: number; tookMs: number; source: string }> = [];
	/** Holders that this process has let in by itself, now and at most. */
	localHolders = 0;
	mostLocalHolders = 0;
	private isOver = false;
	private readonly lostTime = new LostTime();
	private readonly callers: Array<Promise<void>>;

	constructor(
		private readonly tolerant: Tolerant,
		private readonly whenDown: WhenStoreIsDown,
		private readonly policy: PolicyDefinition,
	) {
		this.callers = Array.from({ length: 8 }, () => this.callAgainAndAgain());
	}

	async stop(): Promise<void> {
		this.isOver = true;
		await Promise.all(this.callers);
		this.lostTime.stop();
	}

	get longestMs(): number {
		return Math.max(...this.verdicts.map(({ tookMs }) => tookMs));
	}

	/** Longest time to a verdict, without what this process lost of that time for other reasons, in ms. */
	get longestVerdictMs(): number {
		const late = this.verdicts.filter(({ tookMs }) => tookMs >= VERDICT_MS);
		const own = late.map(({ at, tookMs }) => tookMs - this.lostTime.between(at - tookMs, at));
		return Math.max(0, ...own);
	}

	private async callAgainAndAgain(): Promise<void> {
		const store = this.tolerant.stores[this.whenDown];
		while (!this.isOver) {
			const askedAt = sharedNow();
			const admission = await store.admit(this.tolerant.shared.request([this.policy], 60_000));
			const at = sharedNow();
			const source = sourceOf(admission);
			this.verdicts.push({ at, tookMs: at - askedAt, source });
			const isLocal = source === 'local';
			if (isLocal) this.mostLocalHolders = Math.max(this.mostLocalHolders, ++this.localHolders);
			await sleep(5 + 5 * Math.random());
			if (isLocal) this.localHolders--;
			if (admission.status === 'granted') await store.settle(admission.permit, SUCCESS);
		}
	}
}

describe.each(['allow', 'reject', 'local'] as const)(
	'Redis is gone under load, with %s',
	(whenDown) => {
		it(
			'answers in time, by what was chosen, and by Redis again when it is back',
			async () => {
				const tolerant = await open();
				const policy = bulkhead();
				const load = new Load(tolerant, whenDown, policy);
				await sleep(300);
				await until(() => !tolerant.health.isDown);
				const known = tolerant.events.length;
				const goneFrom = sharedNow();
				await server.stop();
				const goneAt = sharedNow();
				await sleep(OUTAGE_MS);
				server = await startRedis({ port: `${server.port}` });
				const backAt = sharedNow();
				await until(() => !tolerant.health.isDown);
				const noticedAt = sharedNow();
				await sleep(300);
				await load.stop();

				expect(load.longestVerdictMs).toBeLessThan(VERDICT_MS);
				const sources = (from: number, to: number) =>
					new Set(
						load.verdicts.filter(({ at }) => at > from && at < to).map(({ source }) => source),
					);
				expect(sources(0, goneFrom)).toContain('shared');
				expect(sources(goneAt + VERDICT_MS, backAt)).toEqual(
					// Locally a full bulkhead turns calls away, too.
					new Set(whenDown === 'local' ? ['local', 'shared'] : [whenDown]),
				);
				// A busy machine may keep some waiting.
				const later = load.verdicts.filter(({ at }) => at > noticedAt + VERDICT_MS);
				const ofRedis = later.filter(({ source }) => source === 'shared');
				expect(ofRedis.length).toBeGreaterThan(0.8 * later.length);
				if (whenDown === 'local') expect(load.mostLocalHolders).toBe(SLOTS);
				expect(noticedAt - backAt).toBeLessThan(BACK_WITHIN_MS);
				noteFigure(`gone, ${whenDown}: longest verdict`, load.longestMs, 'ms');
				noteFigure(`gone, ${whenDown}: noticed after it was back`, noticedAt - backAt, 'ms');
				// On a busy machine it may be slow, too.
				const outages = tolerant.events
					.slice(known)
					.filter((event) =>
						'from' in event ? event.from === 'lost' : event.type === 'store-lost',
					);
				expect(outages.map(({ type }) => type)).toEqual(['store-lost', 'store-back']);
				// All has been given back.
				expect(await holdersOf(tolerant.shared, policy)).toBe(0);
			},
			OUTAGE_MS + 60_000,
		);
	},
);

it('gives back what was taken before an outage when that is over, without another call', async () => {
	const tolerant = await open();
	const { shared, stores, health } = tolerant;
	const policy = bulkhead();
	const permit = permitOf(await stores.local.admit(shared.request([policy])));
	await proxy.disable();
	expect(await stores.local.settle(permit, SUCCESS)).toBe('lost');
	const other = openStore(standalone(server.port));
	opened.push({ ...tolerant, shared: other });
	expect(await holdersOf(other, policy)).toBe(1);
	await proxy.enable();
	await until(async () => (await holdersOf(other, policy)) === 0);
	expect(health.isDown).toBe(false);
});

it('takes back whole what was granted by an answer that never came', async () => {
	const { shared, stores } = await open();
	const other = openStore(standalone(server.port));
	const limiter = definePolicy('rate-limiter', 'unheard', { limit: 10, periodMs: 3_600_000 });
	const slots = bulkhead();
	const remaining = async () => {
		const address = { kind: limiter.kind, name: limiter.name, key: '' };
		return (await other.store.inspect(address))?.figures.remaining;
	};
	try {
		proxy.addToxic({ type: 'timeout', stream: 'downstream', attributes: { timeout: 0 } });
		expect(await stores.reject.admit(shared.request([limiter, slots]))).toMatchObject({
			isStoreDown: true,
		});
		await until(async () => (await remaining()) === 9);
		expect(await holdersOf(other, slots)).toBe(1);
		await proxy.reset();
		await until(async () => (await remaining()) === 10);
		expect(await holdersOf(other, slots)).toBe(0);
	} finally {
		other.close();
	}
});

it('counts what it let through while Redis was slow, and goes by Redis with its first answer in time', async () => {
	const latencyMs = 300;
	const { shared, stores, health, events } = await open();
	const policy = definePolicy('rate-limiter', 'while slow', { limit: 40, periodMs: 600_000 });
	const address = { kind: policy.kind, name: policy.name, key: '' };
	const call = async () => permitOf(await stores.local.admit(shared.request([policy]))).degraded;
	for (let count = 0; count < 3; count++) expect(await call()).toBeUndefined();
	proxy.addToxic({ type: 'latency', attributes: { latency: latencyMs } });
	for (let count = 0; count < 10; count++) expect(await call()).toBe('local');
	await proxy.reset();
	const resetAt = sharedNow();
	await until(() => !health.isDown);
	const backAfterMs = sharedNow() - resetAt;
	noteFigure('slow: back after', backAfterMs, 'ms');
	// What was under way comes first.
	expect(backAfterMs).toBeLessThan(latencyMs + VERDICT_MS);
	expect(await call()).toBeUndefined();
	await until(async () => (await shared.store.inspect(address))?.figures.remaining === 40 - 14);
	expect(events.map(({ type }) => type)).toEqual(['store-slow', 'store-back']);
});

describe.each(['allow', 'reject', 'local'] as const)(
	'another worker, while the way to Redis is slow, with %s',
	(whenDown) => {
		const CALLS = 12;
		/** Well over the time that answers may take. */
		const LATENCY_MS = 150;
		let slow: Tolerant;
		let fast: OpenStore;

		beforeEach(async () => {
			slow = await open();
			fast = openStore(standalone(server.port));
			await fast.store.check();
			proxy.addToxic({ type: 'latency', attributes: { latency: LATENCY_MS } });
		});

		afterEach(() => fast.close());

		const callSlowly = async (policies: readonly PolicyDefinition[]): Promise<void> => {
			for (let count = 0; count < CALLS; count++) {
				const admission = await slow.stores[whenDown].admit(slow.shared.request(policies, 60_000));
				await sleep(20);
				if (admission.status === 'granted')
					await slow.stores[whenDown].settle(admission.permit, SUCCESS);
			}
		};

		/** As Redis has it, by way of the worker that reaches it. */
		const inspect = async ({ kind, name }: PolicyDefinition) =>
			await fast.store.inspect({ kind, name, key: '' });

		it('finds all slots free when calls have ended, and permits of calls that were turned away', async () => {
			const name = `others, ${whenDown}`;
			const slots = definePolicy('bulkhead', name, { maxConcurrentCalls: CALLS });
			const limiter = definePolicy('rate-limiter', name, { limit: 40, periodMs: 600_000 });
			await callSlowly([slots, limiter]);
			const endedAt = sharedNow();
			const made = whenDown === 'reject' ? 0 : CALLS;
			await until(
				async () =>
					(await holdersOf(fast, slots)) === 0 &&
					(await inspect(limiter))?.figures.remaining === 40 - made,
			);
			expect(slow.health.condition).toBe('slow');
			noteFigure(`slow, ${whenDown}: all given back after`, sharedNow() - endedAt, 'ms');
		});

		it('sees a breaker close that both probe', async () => {
			const breaker = definePolicy('circuit-breaker', `probed, ${whenDown}`, {
				waitDurationInOpenStateMs: 1,
				permittedNumberOfCallsInHalfOpenState: 3,
			});
			await fast.store.override(breaker, '', 'open');
			await callSlowly([breaker]);
			await until(async () => {
				const admission = await fast.store.admit(fast.request([breaker], 60_000));
				if (admission.status === 'granted') await fast.store.settle(admission.permit, SUCCESS);
				return (await inspect(breaker))?.state === 'closed';
			});
			expect(slow.health.condition).toBe('slow');
		});
	},
);

it.each([
	['is slow', { type: 'latency', attributes: { latency: 400 } }],
	['answers no more', { type: 'timeout', attributes: { timeout: 0 } }],
	['hears no more', { type: 'timeout', stream: 'upstream', attributes: { timeout: 0 } }],
] as const)('answers in time when Redis %s, and takes nothing for good', async (_, toxic) => {
	const tolerant = await open();
	const policy = bulkhead();
	const load = new Load(tolerant, 'local', policy);
	await sleep(200);
	proxy.addToxic(toxic);
	await sleep(1_000);
	await proxy.reset();
	const resetAt = sharedNow();
	await until(() => !tolerant.health.isDown);
	noteFigure(
		`${toxic.type} ${'stream' in toxic ? toxic.stream : 'downstream'}: noticed`,
		sharedNow() - resetAt,
		'ms',
	);
	expect(sharedNow() - resetAt).toBeLessThan(2 * BACK_WITHIN_MS);
	await load.stop();
	noteFigure(`${toxic.type}: longest verdict`, load.longestMs, 'ms');
	expect(load.longestVerdictMs).toBeLessThan(VERDICT_MS);
	await until(async () => (await holdersOf(tolerant.shared, policy)) === 0);
});
