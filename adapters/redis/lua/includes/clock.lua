-- now: whole milliseconds since the epoch by this server's clock, or by a test's; startClock sets it for each call.
-- integer(number): a whole number as text. Lua's own way is three times as slow, and rounds large numbers.
-- ttl(idleAt): how long a key is kept whose state is as good as none from `idleAt` on, in ms, as text.
-- LONGEST_MS: no key is kept for longer.
-- slackMs: how much longer keys are kept under a test's clock, which stands still or jumps while the server's runs on.
local now, startClock, integer, ttl
local slackMs = 0
local LONGEST_MS = 400 * 24 * 60 * 60 * 1000

do
	local TEST_SLACK_MS = 60 * 60 * 1000

	function startClock(given)
		lookUpGlobals()
		if given == '' then
			local time = redis.call('TIME')
			now = time[1] * 1000 + floor(time[2] / 1000)
			slackMs = 0
		else
			now = tonumber(given)
			slackMs = TEST_SLACK_MS
		end
	end

	function integer(number)
		return string.format('%d', number)
	end

	function ttl(idleAt)
		return integer(max(1, min(LONGEST_MS, idleAt - now)) + slackMs)
	end
end
