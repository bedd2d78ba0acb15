import type {
	InstanceEntry,
	ProcessMetrics,
	RedisClient,
	UnreachableProcess,
	WorkerStatus,
} from '../../../core/ports/stack';
import type { LostClocks } from './lost-clocks';

/** As n8n has them by default, in ms. */
const REGISTRY_TTL_MS = 60_000;
const HEARTBEAT_MS = 30_000;

/** `cut off`: its connections are gone, and it runs on. `stalled`: it is connected, and says nothing. */
export type Health = 'well' | 'dead' | 'cut off' | 'stalled';

/** Whether a worker reaches the registry at once, or only with its next heartbeat. */
export type Listing = 'listed' | 'not listed yet';

interface Worker {
	readonly hostId: string;
	readonly instanceKey: string;
	/** Where its health is asked after. */
	readonly place: string;
	readonly since: number;
	health: Health;
	/** When it last wrote its entry, or wanted to. */
	writtenAt: number;
	/** Until when the registry keeps the entry; undefined where there is none. */
	listedUntil?: number;
	readonly runs: Set<string>;
}

/** The workers of a stack, living and dead, and what is told of them. */
export class LostWorkers {
	readonly all: Worker[] = [];
	private redisSince: number;

	constructor(private readonly clocks: LostClocks) {
		this.redisSince = clocks.now();
	}

	add(
		hostId = `worker-${this.all.length}`,
		listing: Listing = 'listed',
		place = `http://${hostId}-${this.all.length}`,
	): void {
		const since = this.clocks.now();
		const listedUntil = listing === 'listed' ? since + REGISTRY_TTL_MS : undefined;
		const instanceKey = `${hostId}-${this.all.length}`;
		this.all.push({
			...{ hostId, instanceKey, place, since, health: 'well', writtenAt: since, listedUntil },
			runs: new Set(),
		});
	}

	/** Some one, whatever the number. */
	at(which: number): Worker {
		return this.all[which % this.all.length]!;
	}

	lose(loser: Worker, health: Health): void {
		if (loser.health === 'dead') return;
		loser.health = health;
		if (health === 'dead') loser.runs.clear();
	}

	/** By itself, as one does that has nothing to do. */
	stop(worker: Worker): void {
		if (worker.health !== 'well' || worker.runs.size > 0) return;
		worker.health = 'dead';
		worker.listedUntil = undefined;
	}

	/** Redis is another one, without the registry. */
	failOver(): void {
		this.redisSince = this.clocks.now();
		for (const worker of this.all) worker.listedUntil = undefined;
	}

	beat(): void {
		const now = this.clocks.now();
		for (const worker of this.all) {
			const { health, writtenAt } = worker;
			if (health === 'dead' || health === 'cut off' || now - writtenAt < HEARTBEAT_MS) continue;
			worker.writtenAt = now;
			worker.listedUntil = now + REGISTRY_TTL_MS;
		}
	}

	/** What health checks answer, by whoever is at each place now. @param named of how many they are known. */
	checks(named: number): Array<ProcessMetrics | UnreachableProcess> {
		const places = new Set(this.all.slice(0, named).map(({ place }) => place));
		return [...places].map((place) => {
			const { health, since } = this.all.findLast((worker) => worker.place === place)!;
			return {
				...{ url: place, type: 'worker' as const },
				...(health === 'dead' || health === 'stalled'
					? { unreachable: 'refused' }
					: { isReady: true, hasMetrics: true, startedAt: since }),
			};
		});
	}

	get answers(): WorkerStatus[] {
		return this.all
			.filter(({ health }) => health === 'well')
			.map(({ hostId, since, runs }) => ({
				...{ hostId, version: '', pool: '', hostname: '', addresses: [], startedAt: since },
				...{ uptimeMs: this.clocks.now() - since, residentBytes: 0, heapUsedBytes: 0 },
				...{ totalMemoryBytes: 0, freeMemoryBytes: 0, loadAverage: 0, cpus: 1 },
				running: [...runs].map((executionId) => ({
					...{ executionId, workflowId: 'w', workflowName: 'w', startedAt: 0 },
				})),
			}));
	}

	/** Connections to Redis; also that of whoever looks. */
	get clients(): RedisClient[] {
		const now = this.clocks.now();
		const common = { server: 'redis', address: '', user: '', flags: 'N', command: '', idleMs: 0 };
		return [
			{ ...common, id: 'own', name: '', subscriptions: 0, ageMs: now - this.redisSince },
			...this.all
				.filter(({ health }) => health === 'well' || health === 'stalled')
				.map(({ instanceKey, since }) => ({
					...{ ...common, id: instanceKey, name: 'bull:am9icw==', subscriptions: 0 },
					ageMs: now - Math.max(since, this.redisSince),
				})),
		];
	}

	registered(clocks: 'with clocks' | 'without clocks'): InstanceEntry[] {
		const { workersMs } = this.clocks.ahead;
		const now = this.clocks.now();
		return this.all
			.filter(({ listedUntil = 0 }) => listedUntil > now)
			.map(({ hostId, instanceKey, since, writtenAt }) => ({
				...{ instanceKey, hostId, type: 'worker', isLeader: false, version: '2.41.1' },
				...{ pool: '', registeredAt: since + workersMs, lastSeenAt: writtenAt + workersMs },
				...(clocks === 'with clocks' && {
					writtenAt,
					clock: { aheadMs: workersMs, withinMs: 0 },
				}),
			}));
	}
}
