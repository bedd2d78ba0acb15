-- States of named fields. One key holds them, packed, and until when it is kept (keptUntil).

-- nil when there is none.
local function loadRecord(key)
	local record = states.known(key)
	if record then
		return record
	end
	local packed = redis.call('GET', key)
	return packed and states.note(key, cmsgpack.unpack(packed)) or nil
end

local saveRecord

do
	local function write(key, record)
		local before = record.keptUntil or 0
		record.keptUntil = states.lasting(before, record.idleAt)
		states.set(key, cmsgpack.pack(record), before, record.keptUntil)
	end

	function saveRecord(key, record, idleAt)
		record.idleAt = idleAt
		states.change(key, record, write)
	end
end
