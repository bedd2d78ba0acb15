-- Takes back what was asked by admit and never answered: what it took as far as it counts, what it holds, its place in a
-- queue. Of what was granted so long ago that its answer is forgotten, what it holds. If it comes only now, it is turned
-- away.
--
-- KEYS  the page of the permit's mark
-- ARGV  permit id
-- Returns 1 done, 0 the permit had ended before
do
	local request = { keys = 1, args = 1, guardArgs = 0 }

	-- When it was granted and the tokens of its guards; see admit.
	local function grantIn(answer)
		local numbers = {}
		for number in string.gmatch(answer, '%S+') do
			numbers[#numbers + 1] = tonumber(number)
		end
		return numbers[1], { unpack(numbers, 3) }
	end

	function request.run(call, keys, key, args, arg)
		local page, permitId = keys[key], args[arg]
		local answer = marks.read(page, permitId)
		if marks.isEnd(answer) then
			return 0
		end
		local takenAt, tokens
		if answer then
			takenAt, tokens = grantIn(answer)
		end
		local guards = openGuards(call, keys, key + 1)
		for index = 1, #guards do
			local guard = guards[index]
			if answer then
				undo(guard, permitId, tokens[index], takenAt)
			elseif guard.machine.release then
				guard.machine.release(guard, permitId)
			end
		end
		marks.noteEnd(page, permitId, false)
		return 1
	end

	requests.cancel = request
end
