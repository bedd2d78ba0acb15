-- Renews the leases of a permit.
--
-- Terms lease in ms
-- ARGV  permit id; then for each guard its token
-- Returns 1 held, 0 lost under one guard at least
do
	local request = { keys = 0, args = 1, guardArgs = 1 }

	function request.prepare(call, terms)
		call.leaseMs = tonumber(terms[1])
	end

	function request.run(call, keys, key, args, arg)
		local permitId, leaseUntil, held = args[arg], now + call.leaseMs, 1
		for index, guard in ipairs(openGuards(call, keys, key)) do
			if not guard.machine.extend(guard, permitId, tonumber(args[arg + index]), leaseUntil) then
				held = 0
			end
		end
		return held
	end

	requests.extend = request
end
