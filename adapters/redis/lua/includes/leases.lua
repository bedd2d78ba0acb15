-- Leases: a sorted set of permit ids by the end of their lease.
local leases = {}

function leases.isHeld(key, permitId)
	local leaseEnd = redis.call('ZSCORE', key, permitId)
	return leaseEnd and tonumber(leaseEnd) > now
end

function leases.lastEnd(key)
	return tonumber(redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')[2] or 0)
end

-- The key outlives its last lease by `keptMs` at least.
function leases.hold(key, permitId, leaseUntil, keptMs)
	redis.call('ZADD', key, integer(leaseUntil), permitId)
	states.expire(key, leaseUntil + keptMs)
end
