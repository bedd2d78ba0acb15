-- Ends a permit: tells each guard how the call went, and gives back what it holds.
--
-- KEYS  [1] the mark of the permit; then those of each guard (see its include)
-- ARGV  [1] a test's clock in ms, or ''  [2] permit id  [3] kind of outcome  [4] latency in ms
--       [5] 1 when it timed out  [6] 1 when the service refused it for its number (HTTP 429)
--       [7] bucket of the latency  [8] life of the mark in ms  [9] wake channel
--       then for each guard: kind, options as JSON, token
-- Returns 1 held until now, 0 lost under one guard at least, or settled before
function commands.settle(keys, args)
	startClock(args[1])
	local SETTLED = 'settled'
	if redis.call('SET', keys[1], SETTLED, 'PX', args[8], 'GET') == SETTLED then
		return 0
	end

	local outcome = {
		kind = args[3],
		latencyMs = tonumber(args[4]),
		timedOut = args[5] == '1',
		throttled = args[6] == '1',
		bucket = tonumber(args[7]),
	}
	local held = 1
	for _, guard in ipairs(readGuards(keys, args, 2, 10, 3)) do
		local token = tonumber(args[guard.first])
		if not guard.machine.settle(guard, outcome, args[2], token, args[9]) then
			held = 0
		end
	end
	return held
end
