-- Judges all guards of a call together and, only when all agree, takes from all. A rejection takes nothing.
--
-- Terms attempt, from 1; lease in ms
-- KEYS  the page of the permit's mark
-- ARGV  permit id
-- Returns a text of numbers                granted: now, leased (0 or 1), a token for each guard, then bucket and calls
--                                          of an adaptive time-out if there is one; the same again when it was granted
--                                          before and the answer was lost
--      or 1, guard from 0, ms, 0 or 1      rejected, and when to ask again: -1 when time alone does not help; 1 when nothing
--                                          but time or a hand changes that, however other calls end
--      or 2, guard from 0, ahead           in the queue, with so many ahead
do
	local REJECTED, QUEUED = 1, 2
	local NEVER = -1
	local request = { keys = 1, args = 1, guardArgs = 0 }

	function request.prepare(call, terms)
		call.attempt, call.leaseMs = tonumber(terms[1]), tonumber(terms[2])
		call.tokens, call.format = {}, '%d %d' .. string.rep(' %d', #call.guards)
	end

	local function reject(guards, index, call, retryAfterMs)
		for each = 1, #guards do
			local guard = guards[each]
			if guard.machine.withdraw then
				guard.machine.withdraw(guard, call.permitId)
			end
		end
		local guard = guards[index]
		local isFirm = guard.machine.isFirm and guard.machine.isFirm(guard)
		return { REJECTED, index - 1, retryAfterMs, isFirm and 1 or 0 }
	end

	local function queue(guards, index, call)
		local guard = guards[index]
		if guard.options.maxWaitDurationMs == 0 then
			return reject(guards, index, call, NEVER)
		end
		local ahead = guard.machine.join(guard, call)
		if ahead < 0 then
			return reject(guards, index, call, NEVER)
		end
		return { QUEUED, index - 1, ahead }
	end

	-- Takes the call into all states, and returns the answer.
	local function take(guards, call)
		local leased, tokens, bucket, calls = 0, call.tokens, nil, nil
		for index = 1, #guards do
			local guard = guards[index]
			local machine = guard.machine
			local token = machine.take(guard, call)
			if token ~= tokens[index] then
				tokens[index], call.answeredAt = token, nil
			end
			machine.save(guard, call)
			if machine.isLeased and machine.isLeased(guard) then
				leased = 1
			end
			if machine.percentile then
				bucket, calls = machine.percentile(guard)
			end
		end
		-- Many requests of a batch are answered alike.
		if call.answeredAt ~= now or leased ~= call.leased then
			call.answer = string.format(call.format, now, leased, unpack(tokens))
			call.answeredAt, call.leased = now, leased
		end
		return bucket and string.format('%s %d %d', call.answer, bucket, calls) or call.answer
	end

	function request.run(call, keys, key, args, arg)
		local page, permitId = keys[key], args[arg]
		local before = marks.read(page, permitId)
		if before then
			return marks.isEnd(before) and { REJECTED, 0, NEVER, 0 } or before
		end
		call.permitId = permitId
		local guards, full = openGuards(call, keys, key + 1), nil
		for index = 1, #guards do
			local machine = guards[index].machine
			local retryAfterMs = machine.judge(guards[index], call)
			if retryAfterMs ~= 0 then
				if not machine.join then
					return reject(guards, index, call, retryAfterMs)
				end
				full = full or index
			end
		end
		if full then
			return queue(guards, full, call)
		end
		local answer = take(guards, call)
		marks.note(page, permitId, answer)
		return answer
	end

	requests.admit = request
end
