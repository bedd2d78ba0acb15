-- Undoes an admission whose call was not made: gives back what each guard holds, and what it took as far as it counts.
--
-- KEYS  [1] the mark of the request; [2] the mark of the permit; then those of each guard (see its include)
-- ARGV  [1] a test's clock in ms, or ''  [2] permit id  [3] when it was admitted, in ms
--       then for each guard: policy as JSON, weight, token
-- Returns 1 done, 0 done before
function commands.refund(keys, args)
	startClock(args[1])
	if not marks.note(keys[1], '') then
		return 0
	end
	-- The same permit may be asked for again.
	redis.call('DEL', keys[2])

	local NOT_MADE = { kind = 'ignored', latencyMs = 0 }
	local permitId, takenAt = args[2], tonumber(args[3])
	local guards = readGuards(keys, args, 3, 4, 3)
	for index = 1, #guards do
		local guard = guards[index]
		local machine, token = guard.machine, tonumber(args[guard.first + 1])
		guard.weight = tonumber(args[guard.first])
		if machine.refund then
			machine.refund(guard, token, takenAt)
		else
			machine.settle(guard, NOT_MADE, permitId, token)
		end
	end
	return 1
end
