-- Judges all guards of a call together and, only when all agree, takes from all. A rejection takes nothing.
--
-- KEYS  [1] the mark of the permit; then those of each guard (see its include)
-- ARGV  [1] a test's clock in ms, or ''  [2] permit id  [3] attempt, from 1  [4] lease in ms
--       [5] life of a place in a queue in ms  [6] life of the mark in ms  [7] wake channel
--       then for each guard: kind, options as JSON, weight, priority
-- Returns 0, now, leased (0 or 1), bucket and calls of an adaptive time-out (-1: none), a token for each guard
--                                    granted; the same again when it was granted before and the answer was lost
--      or 1, guard from 0, ms        rejected, and when to ask again: -1 when time alone does not help
--      or 2, guard from 0, ahead     in the queue, with so many ahead
function commands.admit(keys, args)
	startClock(args[1])
	local mark = keys[1]
	local granted = redis.call('GET', mark)
	if granted == 'settled' then
		return { 1, 0, -1 }
	elseif granted then
		return cmsgpack.unpack(granted)
	end

	local call = {
		permitId = args[2],
		attempt = tonumber(args[3]),
		leaseMs = tonumber(args[4]),
		ticketMs = tonumber(args[5]),
	}
	local wakeChannel = args[7]
	local guards = readGuards(keys, args, 2, 8, 4)

	local function reject(index, retryAfterMs)
		for _, guard in ipairs(guards) do
			if guard.machine.withdraw then
				guard.machine.withdraw(guard, call.permitId, wakeChannel)
			end
		end
		return { 1, index - 1, retryAfterMs }
	end

	local full
	for index, guard in ipairs(guards) do
		guard.weight = tonumber(args[guard.first])
		guard.priority = tonumber(args[guard.first + 1])
		local retryAfterMs = guard.machine.judge(guard, call)
		if retryAfterMs ~= 0 then
			if not guard.machine.join then
				return reject(index, retryAfterMs)
			end
			full = full or index
		end
	end

	if full then
		local guard = guards[full]
		if guard.options.maxWaitDurationMs == 0 then
			return reject(full, -1)
		end
		local ahead = guard.machine.join(guard, call)
		if ahead < 0 then
			return reject(full, -1)
		end
		return { 2, full - 1, ahead }
	end

	local leased, bucket, calls = 0, -1, -1
	local tokens = {}
	for index, guard in ipairs(guards) do
		local machine = guard.machine
		tokens[index] = machine.take(guard, call)
		if machine.isLeased and machine.isLeased(guard) then
			leased = 1
		end
		if machine.percentile then
			bucket, calls = machine.percentile(guard)
		end
	end
	local answer = { 0, now, leased, bucket, calls, unpack(tokens) }
	redis.call('SET', mark, cmsgpack.pack(answer), 'PX', args[6])
	return answer
end
