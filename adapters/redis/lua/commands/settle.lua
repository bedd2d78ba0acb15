-- Ends a permit: tells each guard how the call went, and gives back what it holds.
--
-- KEYS  [1] the mark of the permit; then those of each guard (see its include)
-- ARGV  [1] a test's clock in ms, or ''  [2] permit id  [3] kind of outcome  [4] latency in ms
--       [5] 1 when it timed out  [6] 1 when the service refused it for its number (HTTP 429)
--       [7] bucket of the latency
--       then for each guard: policy as JSON, token
-- Returns 1 held until now, 0 lost under one guard at least; the same again when it was settled before
function commands.settle(keys, args)
	startClock(args[1])
	local before = marks.settle(keys[1])
	if before then
		return before
	end

	local permitId = args[2]
	local outcome = {
		kind = args[3],
		latencyMs = tonumber(args[4]),
		timedOut = args[5] == '1',
		throttled = args[6] == '1',
		bucket = tonumber(args[7]),
	}
	local held = 1
	local guards = readGuards(keys, args, 2, 8, 2)
	for index = 1, #guards do
		local guard = guards[index]
		if not guard.machine.settle(guard, outcome, permitId, tonumber(args[guard.first])) then
			held = 0
		end
	end
	if held == 0 then
		marks.lose(keys[1])
	end
	return held
end
