-- Gives up the place of a call in the queues of its bulkheads.
--
-- ARGV  permit id
-- Returns 0
do
	local request = { keys = 0, args = 1, guardArgs = 0 }

	function request.run(call, keys, key, args, arg)
		for _, guard in ipairs(openGuards(call, keys, key)) do
			guard.machine.withdraw(guard, args[arg])
		end
		return 0
	end

	requests.withdraw = request
end
