import type { AuditEvent } from '../../../core/audit';
import type { StackMonitor, WorkerVerdict } from '../../../core/health';
import type { RedisClient } from '../../../core/ports/stack';
import {
	ExecutionLedger,
	RECOVERY_DEFAULTS,
	RecoveryWatch,
	type RecoveryWatchParts,
	type WatchLease,
} from '../../../core/recovery';
import { LostWorld } from '../../support/lost-world';
import { MemoryRecoveryRecords } from '../../support/memory-recovery-records';

const EVERY_MS = 10_000;
/** Within so long after it is lost n8n does not give up what has died with a worker. */
const NOT_GIVEN_UP_MS = 50_000;

let world: LostWorld;
let records: MemoryRecoveryRecords;
/** Who watches, and until when, as replicas share it. */
let held: { by: number; until: number };
/** States of workers, as the monitor tells of them. */
let told: Array<Partial<WorkerVerdict>>;
let closed: number;

beforeEach(() => {
	world = new LostWorld(3);
	world.tags = [RECOVERY_DEFAULTS.runAgainTag];
	records = new MemoryRecoveryRecords();
	held = { by: -1, until: 0 };
	told = [];
	closed = 0;
});

const leaseOf = (replica: number): WatchLease => ({
	hold: (leaseMs) => {
		const now = world.clock.now();
		if (held.by !== replica && held.until > now) return Promise.resolve(false);
		held = { by: replica, until: now + leaseMs };
		return Promise.resolve(true);
	},
	release: () => {
		if (held.by === replica) held.until = 0;
		return Promise.resolve();
	},
});

const zombie = (id: string, more: Partial<WorkerVerdict> = {}): Partial<WorkerVerdict> => ({
	...{ id, hostId: id, state: 'zombie', process: 'lives', evidence: [], isCutOff: false },
	connections: { clients: [{}, {}] as RedisClient[], knownBy: 'address', worker: undefined },
	...more,
});

let claims = 0;

function startReplica(replica: number, more: Partial<RecoveryWatchParts> = {}) {
	const { clock, sources } = world;
	const audit: Array<Omit<AuditEvent, 'at'>> = [];
	const errors: string[] = [];
	const ledger = new ExecutionLedger(sources, clock, RECOVERY_DEFAULTS);
	const queueMode = {
		...sources.queueMode!,
		redis: {
			...sources.queueMode!.redis,
			closeClients: async (clients: readonly RedisClient[]) => {
				closed += clients.length;
				return await Promise.resolve(clients.length);
			},
		},
	};
	const monitor = {
		observe: () => Promise.resolve({ workers: told }),
	} as unknown as StackMonitor;
	const watch = new RecoveryWatch({
		...{ sources, clock, records, ledger, settings: RECOVERY_DEFAULTS },
		newId: () => `${++claims}`,
		watch: { everyMs: EVERY_MS, recover: 'safe', heal: 'zombies' },
		healing: { sources: { ...sources, queueMode }, clock, monitor },
		lease: leaseOf(replica),
		audit: (event) => Promise.resolve(void audit.push(event)),
		onError: ({ message }) => void errors.push(message),
		...more,
	});
	watch.start();
	return { watch, audit, errors };
}

/** Lets time go by, and whatever happens in it. */
async function live(ms: number): Promise<void> {
	for (let left = ms; left > 0; left -= 1_000) {
		world.pass(Math.min(left, 1_000));
		await world.clock.run(0);
	}
}

/** Ends a watch by letting time go by. */
async function stop({ watch }: ReturnType<typeof startReplica>): Promise<void> {
	const stopped = watch.stop();
	await live(10_000);
	await stopped;
}

function loseOne(worker: number): string {
	const id = world.begin();
	world.take(worker);
	world.lose(worker, 'dead');
	return id;
}

const outcomesOf = (audit: ReadonlyArray<Omit<AuditEvent, 'at'>>) =>
	audit.map(({ operation, outcome }) => `${operation} ${outcome}`);

it('brings back what died with a worker, once and by one of two replicas, and notes it', async () => {
	const replicas = [startReplica(0), startReplica(1)];
	await live(20_000);
	const id = loseOne(0);
	await live(NOT_GIVEN_UP_MS);
	expect([...world.broughtBack]).toEqual([[id, 1]]);
	await live(200_000);
	expect([...world.broughtBack]).toEqual([[id, 1]]);
	expect(replicas.map(({ audit }) => outcomesOf(audit))).toEqual([
		['watch: recover executions started', 'watch: recover executions done'],
		[],
	]);
	for (const replica of replicas) await stop(replica);
	expect(world.clock.pendingTimers).toBe(0);
});

it('brings back in time what dies while something else is not ready yet to be run again', async () => {
	const replica = startReplica(0);
	await live(20_000);
	// Such a row is left alone for longer than it takes n8n to give up the other.
	const withoutJob = world.beginRow();
	await live(20_000);
	const id = loseOne(0);
	await live(30_000);
	expect([...world.broughtBack]).toEqual([[id, 1]]);
	await live(30_000);
	expect([...world.broughtBack]).toEqual([
		[id, 1],
		[withoutJob, 1],
	]);
	await stop(replica);
});

it('heals a zombie once, and not what only a restart or a person may', async () => {
	const replicas = [startReplica(0), startReplica(1)];
	told = [
		zombie('curable'),
		zombie('cut off', { isCutOff: true }),
		zombie('not told apart', { connections: undefined }),
		zombie('silent', { state: 'unresponsive' }),
		{ ...zombie('well'), state: 'idle' },
	];
	await live(4_000);
	expect(closed).toBe(2);
	told[0] = { ...told[0], state: 'working' };
	await live(600_000);
	expect(closed).toBe(2);
	const [acting, other] = replicas;
	expect(outcomesOf(acting!.audit)).toEqual([
		'watch: heal worker started',
		'watch: heal worker done',
	]);
	expect(acting!.audit).toMatchObject([
		{},
		{ detail: expect.stringContaining('takes jobs again') },
	]);
	expect(other!.audit).toEqual([]);
	for (const replica of replicas) await stop(replica);
});

it('keeps the watch while cures fail that take longer than its lease, and tries none again for 10 min', async () => {
	const replicas = [startReplica(0), startReplica(1)];
	told = Array.from({ length: 5 }, (_, index) => zombie(`zombie ${index}`));
	await live(590_000);
	expect(closed).toBe(10);
	expect(replicas.map(({ audit }) => audit.length)).toEqual([10, 0]);
	expect(outcomesOf(replicas[0]!.audit).slice(-1)).toEqual(['watch: heal worker failed']);
	await live(60_000);
	expect(closed).toBe(20);
	for (const replica of replicas) await stop(replica);
});

it('lets another replica watch as soon as it is stopped', async () => {
	const [first, second] = [startReplica(0), startReplica(1)];
	await live(20_000);
	await stop(first);
	const id = loseOne(0);
	await live(NOT_GIVEN_UP_MS);
	expect([...world.broughtBack]).toEqual([[id, 1]]);
	expect([first.audit.length, second.audit.length]).toEqual([0, 2]);
	await stop(second);
});

it('notes what breaks off, says so once, and goes on with all else', async () => {
	const broken = new Error('records cannot be kept');
	const save = records.save.bind(records);
	records.save = () => Promise.reject(broken);
	const replica = startReplica(0);
	await live(20_000);
	const id = loseOne(0);
	told = [zombie('curable')];
	await live(40_000);
	expect(replica.errors).toEqual([broken.message]);
	const { audit } = replica;
	expect(audit.filter(({ outcome }) => outcome === 'failed')[0]).toMatchObject({
		operation: 'watch: recover executions',
		detail: broken.message,
	});
	expect(closed).toBe(2);
	records.save = save;
	await live(20_000);
	expect([...world.broughtBack]).toEqual([[id, 1]]);
	await stop(replica);
});

it('does nothing that it cannot note', async () => {
	const replica = startReplica(0, { audit: () => Promise.reject(new Error('the disk is full')) });
	await live(20_000);
	loseOne(0);
	told = [zombie('curable')];
	await live(NOT_GIVEN_UP_MS);
	expect([world.broughtBack.size, closed]).toEqual([0, 0]);
	expect(new Set(replica.errors)).toEqual(new Set(['the disk is full']));
	await stop(replica);
});
