-- Renews the leases of a permit.
--
-- KEYS  those of each guard (see its include)
-- ARGV  [1] a test's clock in ms, or ''  [2] permit id  [3] lease in ms
--       then for each guard: policy as JSON, token
-- Returns 1 held, 0 lost under one guard at least
function commands.extend(keys, args)
	startClock(args[1])
	local permitId, leaseUntil = args[2], now + tonumber(args[3])
	local held = 1
	for _, guard in ipairs(readGuards(keys, args, 1, 4, 2)) do
		if not guard.machine.extend(guard, permitId, tonumber(args[guard.first]), leaseUntil) then
			held = 0
		end
	end
	return held
end
