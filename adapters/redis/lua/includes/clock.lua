-- now: whole milliseconds since the epoch by this server's clock, or by a test's; startClock sets it for each call.
-- CLOCK_RUNS: what stands for it where it was set for several commands.
-- integer(number): a whole number as text. Lua's own way is three times as slow, and rounds large numbers.
-- ttl(idleAt): how long a key is kept whose state is as good as none from `idleAt` on, in ms, as text.
-- expire(key, idleAt): keeps such a key for that long at least.
local now, startClock, integer, ttl, expire
local CLOCK_RUNS = 'runs'

do
	local LONGEST_MS = 400 * 24 * 60 * 60 * 1000
	-- A test's clock stands still or jumps while the server's runs on.
	local TEST_SLACK_MS = 60 * 60 * 1000
	local slackMs = 0

	function startClock(given)
		if given == '' then
			local time = redis.call('TIME')
			now = time[1] * 1000 + math.floor(time[2] / 1000)
			slackMs = 0
		elseif given ~= CLOCK_RUNS then
			now = tonumber(given)
			slackMs = TEST_SLACK_MS
		end
	end

	function integer(number)
		return string.format('%d', number)
	end

	function ttl(idleAt)
		return integer(math.max(1, math.min(LONGEST_MS, idleAt - now)) + slackMs)
	end

	function expire(key, idleAt)
		-- Twice what is needed, so that most calls find that it lasts.
		if redis.call('PTTL', key) < math.min(LONGEST_MS, idleAt - now) then
			redis.call('PEXPIRE', key, ttl(2 * idleAt - now))
		end
	end
end
