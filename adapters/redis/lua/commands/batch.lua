-- Carries out several requests in turn, each as if it had come alone, at one moment.
--
-- KEYS  those of each request
-- ARGV  [1] a test's clock in ms, or ''
--       then for each request: command, how many keys and how many arguments from its [2] on it has, these arguments
-- Returns an answer for each: its own, or -1 when it failed, which says why when it is sent alone
do
	local FAILED = -1

	function commands.batch(keys, args)
		startClock(args[1])
		local answers = {}
		local firstKey, at = 1, 2
		while at <= #args do
			local counts = numbersIn(args[at + 1])
			local keyCount, argCount = counts[1], counts[2]
			local ownKeys = { unpack(keys, firstKey, firstKey + keyCount - 1) }
			local ownArgs = { CLOCK_RUNS, unpack(args, at + 2, at + 1 + argCount) }
			local isDone, answer = pcall(commands[args[at]], ownKeys, ownArgs)
			answers[#answers + 1] = isDone and answer or FAILED
			firstKey = firstKey + keyCount
			at = at + 2 + argCount
		end
		return answers
	end
end
