import { RedisServers } from '../../../../core/health/stack-monitor/redis-servers';
import type { ProcessMetrics, RedisServerInfo } from '../../../../core/ports/stack';

const MINUTE_MS = 60_000;

const redis = (runId: string | undefined, uptimeMs: number) =>
	({ server: 'redis:6379', runId, uptimeMs }) as RedisServerInfo;

const mainSince = (startedAt: number) => [{ url: 'http://main', startedAt } as ProcessMetrics];

const serversOf = (replaced: ReadonlyArray<{ readonly server: string }>) =>
	replaced.map(({ server }) => server);

it('says nothing of a server that stays, nor of one that was started with n8n', () => {
	const servers = new RedisServers();
	expect(servers.note(0, [redis('a', 10_000)], mainSince(-20_000))).toEqual([]);
	expect(servers.note(MINUTE_MS, [redis('a', 70_000)], mainSince(-20_000))).toEqual([]);
});

it('tells for ten minutes of a server that another one has taken the place of', () => {
	const servers = new RedisServers();
	servers.note(0, [redis('a', 999_999)], []);
	const told = [1, 5, 12].map((minutes) =>
		servers.note(minutes * MINUTE_MS, [redis('b', 999_999)], []),
	);
	expect(told.map(serversOf)).toEqual([['redis:6379'], ['redis:6379'], []]);
	expect(told[0]).toMatchObject([{ since: MINUTE_MS }]);
});

it('tells of a server that was started while n8n ran, before anyone looked', () => {
	const servers = new RedisServers();
	const look = () => servers.note(0, [redis(undefined, MINUTE_MS)], mainSince(-10 * MINUTE_MS));
	expect(look()).toMatchObject([{ since: -MINUTE_MS }]);
	expect(look()).toHaveLength(1);
});

it('finds nothing in servers that do not tell who they are', () => {
	const servers = new RedisServers();
	servers.note(0, [redis(undefined, 999_999)], []);
	expect(servers.note(1, [redis(undefined, 999_999)], [])).toEqual([]);
});
