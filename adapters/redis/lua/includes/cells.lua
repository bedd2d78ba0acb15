-- States that are a few numbers, all 0 at first. One key holds them, packed.
local function loadCells(key, size)
	local packed = redis.call('GET', key)
	if packed then
		return { cmsgpack.unpack(packed) }
	end
	local cells = {}
	for cell = 1, size do
		cells[cell] = 0
	end
	return cells
end

local function saveCells(key, cells, idleAt)
	redis.call('SET', key, cmsgpack.pack(unpack(cells)), 'PX', ttl(idleAt))
end
