-- Ends a permit: tells each guard how the call went, and gives back what it holds.
--
-- Terms kind of outcome; 1 when it timed out; 1 when the service refused it for its number (HTTP 429)
-- KEYS  the page of the permit's mark
-- ARGV  permit id; latency in ms; bucket of the latency; then for each guard its token
-- Returns 1 held until now, 0 lost under one guard at least; the same again when it was settled before; and 2 more where
-- a breaker turns calls away from now on, whoever opened it
do
	local request = { keys = 1, args = 3, guardArgs = 1 }

	function request.prepare(call, terms)
		call.outcome = { kind = terms[1], timedOut = terms[2] == '1', throttled = terms[3] == '1' }
	end

	function request.run(call, keys, key, args, arg)
		local page, permitId, outcome = keys[key], args[arg], call.outcome
		local before = marks.ended(page, permitId)
		if before then
			return before
		end
		outcome.latencyMs, outcome.bucket = tonumber(args[arg + 1]), tonumber(args[arg + 2])
		local isHeld, isOpen, guards = true, false, openGuards(call, keys, key + 1)
		for index = 1, #guards do
			local guard = guards[index]
			local machine = guard.machine
			isHeld = machine.settle(guard, outcome, permitId, tonumber(args[arg + 2 + index])) and isHeld
			isOpen = isOpen or machine.isFirm and machine.isFirm(guard)
		end
		marks.noteEnd(page, permitId, isHeld)
		return (isHeld and 1 or 0) + (isOpen and 2 or 0)
	end

	requests.settle = request
end
