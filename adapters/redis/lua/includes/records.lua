-- States of named fields. One key holds them, packed.

-- nil when there is none.
local function loadRecord(key)
	local record = states.known(key)
	if record then
		return record
	end
	local packed = redis.call('GET', key)
	return packed and states.note(key, cmsgpack.unpack(packed)) or nil
end

local function saveRecord(key, record, idleAt)
	record.keptUntil = record.keptUntil or 0
	states.change(key, record, cmsgpack.pack, idleAt)
end
