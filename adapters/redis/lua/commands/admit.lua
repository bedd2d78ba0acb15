-- Judges all guards of a call together and, only when all agree, takes from all. A rejection takes nothing.
--
-- KEYS  [1] the mark of the permit; then those of each guard (see its include)
-- ARGV  [1] a test's clock in ms, or ''  [2] permit id  [3] attempt, from 1, and lease in ms
--       then for each guard: policy as JSON, weight and priority
-- Returns a text of numbers                granted: now, leased (0 or 1), a token for each guard, then bucket and calls
--                                          of an adaptive time-out if there is one; the same again when it was granted
--                                          before and the answer was lost
--      or 1, guard from 0, ms, 0 or 1      rejected, and when to ask again: -1 when time alone does not help; 1 when nothing
--                                          but time or a hand changes that, however other calls end
--      or 2, guard from 0, ahead           in the queue, with so many ahead
do
	local REJECTED, QUEUED = 1, 2
	local NEVER = -1

	-- What was answered to the same request before.
	local function repeated(answer)
		return marks.isEnd(answer) and { REJECTED, 0, NEVER, 0 } or answer
	end

	local function reject(guards, index, request, retryAfterMs)
		for each = 1, #guards do
			local guard = guards[each]
			if guard.machine.withdraw then
				guard.machine.withdraw(guard, request.permitId)
			end
		end
		local guard = guards[index]
		local isFirm = guard.machine.isFirm and guard.machine.isFirm(guard)
		return { REJECTED, index - 1, retryAfterMs, isFirm and 1 or 0 }
	end

	local function queue(guards, index, request)
		local guard = guards[index]
		if guard.options.maxWaitDurationMs == 0 then
			return reject(guards, index, request, NEVER)
		end
		local ahead = guard.machine.join(guard, request)
		if ahead < 0 then
			return reject(guards, index, request, NEVER)
		end
		return { QUEUED, index - 1, ahead }
	end

	-- By how many tokens an answer has.
	local formats = {}

	local function formatOf(count)
		formats[count] = formats[count] or '%d %d' .. string.rep(' %d', count)
		return formats[count]
	end

	-- Takes the call into all states, which are saved later, and returns the answer.
	local function take(guards, request)
		local leased, tokens, bucket, calls = 0, {}, nil, nil
		for index = 1, #guards do
			local guard = guards[index]
			local machine = guard.machine
			tokens[index] = machine.take(guard, request)
			if machine.isLeased and machine.isLeased(guard) then
				leased = 1
			end
			if machine.percentile then
				bucket, calls = machine.percentile(guard)
			end
		end
		local answer = string.format(formatOf(#tokens), now, leased, unpack(tokens))
		return bucket and string.format('%s %d %d', answer, bucket, calls) or answer
	end

	function commands.admit(keys, args)
		startClock(args[1])
		local mark = keys[1]
		local terms = numbersIn(args[3])
		local request = { permitId = args[2], attempt = terms[1], leaseMs = terms[2] }
		local guards = readGuards(keys, args, 2, 4, 2)

		local refusing, full, retryAfterMs
		for index = 1, #guards do
			local guard = guards[index]
			local load = numbersIn(args[guard.first])
			guard.weight, guard.priority = load[1], load[2]
			retryAfterMs = guard.machine.judge(guard, request)
			if retryAfterMs ~= 0 then
				if not guard.machine.join then
					refusing = index
					break
				end
				full = full or index
			end
		end
		if refusing or full then
			local answer = marks.read(mark)
			if answer then
				return repeated(answer)
			end
			return refusing and reject(guards, refusing, request, retryAfterMs) or queue(guards, full, request)
		end

		local answer = take(guards, request)
		if not marks.note(mark, answer) then
			return repeated(marks.read(mark))
		end
		for index = 1, #guards do
			guards[index].machine.save(guards[index], request)
		end
		return answer
	end
end
