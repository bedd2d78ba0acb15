import { WorkerCensus } from '../../../core/health';
import type { InstanceEntry, RedisClient, WorkerStatus } from '../../../core/ports/stack';

const SECOND = 1_000;

const entry = (instanceKey: string, lastSeenAt: number, more: Partial<InstanceEntry> = {}) =>
	({
		...{ type: 'worker', instanceKey, hostId: instanceKey, pool: '', lastSeenAt, registeredAt: 0 },
		...more,
	}) as InstanceEntry;

const answer = (hostId: string, startedAt = 0) =>
	({ hostId, pool: '', startedAt, addresses: [] }) as unknown as WorkerStatus;

const old = [{ ageMs: 1e9 }] as RedisClient[];

/** Told of a look, answers how many may live. */
function censusTakers() {
	const census = new WorkerCensus();
	return (
		at: number,
		instances: readonly InstanceEntry[] | undefined,
		answers: readonly WorkerStatus[] | undefined = [],
		clients: readonly RedisClient[] = old,
	): number => {
		census.note({ at, instances, answers, clients });
		return census.mayLive;
	};
}

/** As it is renewed every 30 s. */
const renewed = (key: string, at: number, until = Infinity) =>
	entry(key, Math.min(at, until) - (Math.min(at, until) % (30 * SECOND)));

it('remembers those whose entry has run out, and not those that took themselves off', () => {
	const counted = censusTakers();
	const counts = new Map<number, number>();
	for (let at = 0; at <= 120 * SECOND; at += 5 * SECOND) {
		const listed = [renewed('stays', at)];
		if (at < 70 * SECOND) listed.push(renewed('stops', at));
		if (at < 95 * SECOND) listed.push(renewed('dies', at, 35 * SECOND));
		counts.set(at / SECOND, counted(at, listed));
	}
	expect([65, 75, 95, 120].map((at) => counts.get(at))).toEqual([3, 2, 2, 2]);
	// It was only cut off.
	expect(counted(125 * SECOND, [renewed('stays', 125 * SECOND), entry('dies', 124 * SECOND)])).toBe(
		2,
	);
});

it('takes nobody for having stopped who may have been cut off long before it was first seen', () => {
	const [untold, told] = [censusTakers(), censusTakers()];
	untold(0, [entry('a', 0)]);
	expect(untold(10 * SECOND, [])).toBe(1);
	told(60 * SECOND, [
		entry('a', 0, { writtenAt: 50 * SECOND }),
		entry('b', 0, { writtenAt: 10 * SECOND }),
	]);
	expect(told(70 * SECOND, [])).toBe(1);
});

it('forgets nobody whose entry was lost with all of Redis, until it is back', () => {
	const counted = censusTakers();
	for (let at = 0; at <= 40 * SECOND; at += 5 * SECOND)
		counted(at, [renewed('a', at), renewed('b', at)]);
	const young = [{ ageMs: 2 * SECOND }] as RedisClient[];
	expect(counted(45 * SECOND, [], [], young)).toBe(2);
	expect(counted(60 * SECOND, [entry('a', 60 * SECOND)])).toBe(2);
	expect(counted(65 * SECOND, [entry('a', 60 * SECOND)])).toBe(2);
});

it('remembers who answered and was in no list, also in the place of one that is', () => {
	const counted = censusTakers();
	const dead = entry('host', 0, { hostId: 'host' });
	expect(counted(5 * SECOND, [dead], [answer('host', 0)])).toBe(1);
	const replacement = answer('host', 20 * SECOND);
	expect(counted(30 * SECOND, [dead], [replacement])).toBe(2);
	expect(counted(35 * SECOND, [dead], [])).toBe(2);
	const own = entry('new', 40 * SECOND, { hostId: 'host' });
	expect(counted(40 * SECOND, [dead, own], [replacement])).toBe(2);
});

it('takes no answer for that of another which cannot be told from it', () => {
	const counted = censusTakers();
	const one = entry('a', 0, { hostId: 'host' });
	expect(counted(0, [one], [answer('host'), answer('host')])).toBe(2);
	expect(counted(5 * SECOND, [one], [answer('host')])).toBe(2);
	expect(counted(10 * SECOND, [one], [answer('host'), answer('host')])).toBe(2);
});

it('learns nothing of a look that began before another, nor of what a source did not say', () => {
	const counted = censusTakers();
	expect(counted(10 * SECOND, [entry('a', 0), entry('b', 0)])).toBe(2);
	expect(counted(9 * SECOND, [entry('a', 0)])).toBe(2);
	expect(counted(11 * SECOND, undefined, undefined)).toBe(2);
	// Our clock was set back.
	expect(counted(-3_600 * SECOND, [entry('a', 0), entry('b', 0), entry('c', 0)])).toBe(3);
});

it('forgets in a day who never came back', () => {
	const counted = censusTakers();
	counted(0, [entry('a', 0)], [answer('b')]);
	expect(counted(60 * SECOND, [])).toBe(2);
	expect(counted(60 * SECOND + 24 * 3_600 * SECOND + 1, [])).toBe(0);
});
