-- Gives up the place of a call in the queues of its bulkheads.
--
-- KEYS  those of each guard (see its include)
-- ARGV  [1] a test's clock in ms, or ''  [2] permit id
--       then for each guard: policy as JSON
-- Returns 0
function commands.withdraw(keys, args)
	startClock(args[1])
	for _, guard in ipairs(readGuards(keys, args, 1, 3, 1)) do
		guard.machine.withdraw(guard, args[2])
	end
	return 0
end
