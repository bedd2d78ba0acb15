-- States that are a few numbers, all 0 at first. One key holds them, as doubles.
local loadCells, saveCells

do
	-- By how many numbers there are.
	local formats = {}

	local function formatOf(size)
		local format = formats[size]
		if not format then
			format = '<' .. string.rep('d', size)
			formats[size] = format
		end
		return format
	end

	function loadCells(key, size)
		local packed = redis.call('GET', key)
		if packed then
			return { struct.unpack(formatOf(size), packed) }
		end
		local cells = {}
		for cell = 1, size do
			cells[cell] = 0
		end
		return cells
	end

	function saveCells(key, cells, size, idleAt)
		redis.call('SET', key, struct.pack(formatOf(size), unpack(cells, 1, size)), 'PX', ttl(idleAt))
	end
end
