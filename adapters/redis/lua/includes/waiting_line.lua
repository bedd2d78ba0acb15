-- A bulkhead's queue: a sorted set of permit ids by priority and arrival, and one by when their tickets lapse.
local line = {}

do
	-- Far more than arrivals of one priority while the queue is never empty.
	local ARRIVALS = 2 ^ 32
	-- A place lapses when its owner has not asked again for this long.
	local TICKET_MS = 5000

	local function firstPlace(priority)
		return -priority * ARRIVALS
	end

	local function text(number)
		return string.format('%.0f', number)
	end

	function line.drop(queueKey, ticketsKey, permitId)
		sets.remove(queueKey, permitId)
		redis.call('ZREM', ticketsKey, permitId)
	end

	function line.isEmpty(queueKey)
		return sets.size(queueKey) == 0
	end

	function line.dropLapsed(queueKey, ticketsKey)
		local lapsed = redis.call('ZRANGEBYSCORE', ticketsKey, '-inf', text(now), 'LIMIT', 0, 1000)
		for _, permitId in ipairs(lapsed) do
			line.drop(queueKey, ticketsKey, permitId)
		end
	end

	-- How many live tickets go before this one, whether it waits already or has just come.
	function line.ahead(queueKey, ticketsKey, permitId, priority)
		if line.isEmpty(queueKey) then
			return 0
		end
		line.dropLapsed(queueKey, ticketsKey)
		local place = redis.call('ZSCORE', queueKey, permitId)
		local before = place and '(' .. place or '(' .. text(firstPlace(priority - 1))
		return redis.call('ZCOUNT', queueKey, '-inf', before)
	end

	-- Returns how many are ahead, or -1 when the queue is full.
	function line.join(queueKey, ticketsKey, call, priority, maxSize)
		line.dropLapsed(queueKey, ticketsKey)
		local place = redis.call('ZRANK', queueKey, call.permitId)
		if not place then
			if sets.size(queueKey) >= maxSize then
				return -1
			end
			local first, beyond = firstPlace(priority), firstPlace(priority - 1)
			local last = redis.call(
				'ZREVRANGEBYSCORE', queueKey, '(' .. text(beyond), text(first), 'WITHSCORES', 'LIMIT', 0, 1
			)[2]
			sets.add(queueKey, text(last and tonumber(last) + 1 or first), call.permitId)
			place = redis.call('ZRANK', queueKey, call.permitId)
		end
		redis.call('ZADD', ticketsKey, integer(now + TICKET_MS), call.permitId)
		redis.call('PEXPIRE', queueKey, ttl(now + TICKET_MS))
		redis.call('PEXPIRE', ticketsKey, ttl(now + TICKET_MS))
		return place
	end

	function line.first(queueKey, ticketsKey, count)
		line.dropLapsed(queueKey, ticketsKey)
		return redis.call('ZRANGE', queueKey, 0, count - 1)
	end

	-- Each process listens at the channel plus its id, which its permit ids begin with.
	-- A user who may not publish leaves them to ask again by themselves.
	function line.wake(permitIds, wakeChannel)
		for _, permitId in ipairs(permitIds) do
			redis.pcall('PUBLISH', wakeChannel .. string.match(permitId, '^[^:]*'), permitId)
		end
	end

	function line.length(queueKey, ticketsKey)
		line.dropLapsed(queueKey, ticketsKey)
		return sets.size(queueKey)
	end
end
