-- Sorted sets whose sizes a script asks for once, however many of its requests need them. What it knows of one is its size.
local sets = {}

do
	function sets.size(key)
		return states.known(key) or states.note(key, redis.call('ZCARD', key))
	end

	local function resize(key, change)
		local size = states.known(key)
		if size then
			states.note(key, size + change)
		end
	end

	function sets.add(key, score, member)
		resize(key, redis.call('ZADD', key, score, member))
	end

	-- Says whether it was there.
	function sets.remove(key, member)
		local removed = redis.call('ZREM', key, member)
		resize(key, -removed)
		return removed > 0
	end

	-- Removes all up to this score.
	function sets.removeUntil(key, score)
		resize(key, -redis.call('ZREMRANGEBYSCORE', key, '-inf', score))
	end
end
