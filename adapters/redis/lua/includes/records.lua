-- States of named fields. One key holds them, packed.
local function loadRecord(key)
	local packed = redis.call('GET', key)
	return packed and cmsgpack.unpack(packed)
end

local function saveRecord(key, record, idleAt)
	redis.call('SET', key, cmsgpack.pack(record), 'PX', ttl(idleAt))
end
