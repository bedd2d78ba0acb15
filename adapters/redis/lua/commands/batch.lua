-- Carries out several requests in turn, each as if it had come alone, at one moment.
--
-- KEYS  those of each request
-- ARGV  [1] a test's clock in ms, or ''
--       then for each request: command, how many keys it has, how many arguments it has from its [2] on, and these
-- Returns an answer for each: its own, or -1 when it failed, which says why when it is sent alone
do
	local FAILED = -1

	function commands.batch(keys, args)
		startClock(args[1])
		local answers = {}
		local firstKey, at = 1, 2
		while at <= #args do
			local command, keyCount, argCount = commands[args[at]], tonumber(args[at + 1]), tonumber(args[at + 2])
			local ownKeys = { unpack(keys, firstKey, firstKey + keyCount - 1) }
			local ownArgs = { CLOCK_RUNS, unpack(args, at + 3, at + 2 + argCount) }
			local isDone, answer = pcall(command, ownKeys, ownArgs)
			answers[#answers + 1] = isDone and answer or FAILED
			firstKey = firstKey + keyCount
			at = at + 3 + argCount
		end
		return answers
	end
end
