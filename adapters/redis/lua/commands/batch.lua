-- Carries out requests in turn, each as if it had come alone, at one moment.
--
-- KEYS  for each request its own, then those of each guard (see guards)
-- ARGV  [1] a test's clock in ms, or ''
--       then, for requests in a row that ask the same: what they ask, as a text (see guards); how many there are; and each
--       one's own
-- Returns an answer for each: its own, or -1 when it failed, which says why when it is sent alone
do
	local FAILED = -1

	-- Errors of commands begin with a code, those of Lua do not.
	local function failure(reason)
		local text = type(reason) == 'table' and reason.err or reason
		return redis.error_reply(string.match(text, '^%u+ ') and text or 'ERR ' .. text)
	end

	function commands.batch(keys, args)
		startClock(args[1])
		states.start()
		marks.start()
		local answers, count = {}, 0
		local call, left, key, arg, last = nil, 0, 1, 2, #args

		local function carryOut()
			while left > 0 or arg <= last do
				if left == 0 then
					call, left = callOf(args[arg]), tonumber(args[arg + 1])
					arg = arg + 2
				end
				local ownKey, ownArg = key, arg
				key, arg = key + call.keys, arg + call.args
				left, count = left - 1, count + 1
				answers[count] = call.run(call, keys, ownKey, args, ownArg)
			end
		end

		repeat
			local before = count
			local isDone, reason = pcall(carryOut)
			-- Also where one failed: what others made of states that it has touched counts.
			states.write()
			marks.write()
			if not isDone then
				answers[count] = FAILED
			end
			local isAlone = count == 1 and left == 0 and arg > last
			if not isDone and (isAlone or count == before) then
				return failure(reason)
			end
		until isDone
		return answers
	end
end
