import type { Redis } from 'ioredis';

/** How much longer keys are kept under a test's clock (clock.lua). */
const SLACK_MS = 3_600_000;

/** KEYS: none. ARGV: how far the test's clock goes on, and how far the server's has gone meanwhile. */
const LAPSE = `
for _, key in ipairs(redis.call('KEYS', '*')) do
	-- The server's own clock ends what is remembered of requests, and definitions.
	if not string.find(key, ':mark:', 1, true) and not string.find(key, ':policy:', 1, true) then
		local left = redis.call('PTTL', key) - ARGV[1]
		if left - ${SLACK_MS} + ARGV[2] <= 0 then
			redis.call('DEL', key)
		else
			redis.call('PEXPIRE', key, left)
		end
	end
end`;

/**
 * States lapse as they would if the server's clock went on with the test's.
 * @returns what to call whenever the test's goes on.
 */
export function lapsingKeys(client: Redis): (ms: number) => Promise<void> {
	const startedAt = Date.now();
	return async (ms) => void (await client.eval(LAPSE, 0, ms, Date.now() - startedAt));
}
