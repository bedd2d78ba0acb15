-- Undoes an admission whose call was not made: gives back what each guard holds, and what it took as far as it counts.
--
-- KEYS  the page of the request's mark; the page of the permit's
-- ARGV  request id; permit id; when it was admitted, in ms; then for each guard its token
-- Returns 1 done, 0 done before
do
	local NOT_MADE = { kind = 'ignored', latencyMs = 0 }
	local request = { keys = 2, args = 3, guardArgs = 1 }

	function request.run(call, keys, key, args, arg)
		if not marks.noteDone(keys[key], args[arg]) then
			return 0
		end
		local permitId, takenAt = args[arg + 1], tonumber(args[arg + 2])
		-- The same permit may be asked for again.
		marks.forget(keys[key + 1], permitId)

		local guards = openGuards(call, keys, key + 2)
		for index = 1, #guards do
			local guard = guards[index]
			local machine, token = guard.machine, tonumber(args[arg + 2 + index])
			if machine.refund then
				machine.refund(guard, token, takenAt)
			else
				machine.settle(guard, NOT_MADE, permitId, token)
			end
		end
		return 1
	end

	requests.refund = request
end
