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
	sets.add(key, integer(leaseUntil), permitId)
	states.expire(key, leaseUntil + keptMs)
end

-- How many are held, or have run out and were not dropped yet.
function leases.most(key)
	return sets.size(key)
end

local function dropLapsed(key)
	-- Time stands still while a script runs.
	if states.isFirst(key) then
		sets.removeUntil(key, integer(now))
	end
end

-- How many are held.
function leases.count(key)
	dropLapsed(key)
	return sets.size(key)
end

-- Says whether it was held until now.
function leases.release(key, permitId)
	dropLapsed(key)
	return sets.remove(key, permitId)
end
