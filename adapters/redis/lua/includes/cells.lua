-- States that are a few numbers, all 0 at first. One key holds them, as doubles, after `keptUntil`.
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

	local function pack(cells)
		return struct.pack(formatOf(#cells + 1), cells.keptUntil, unpack(cells))
	end

	local function unpacked(size, keptUntil, ...)
		local cells = { ... }
		-- Where the next number would begin.
		cells[size + 1] = nil
		cells.keptUntil = keptUntil
		return cells
	end

	function loadCells(key, size)
		local cells = states.known(key)
		if cells then
			return cells
		end
		local packed = redis.call('GET', key)
		if packed then
			return states.note(key, unpacked(size, struct.unpack(formatOf(size + 1), packed)))
		end
		cells = { keptUntil = 0 }
		for cell = 1, size do
			cells[cell] = 0
		end
		return states.note(key, cells)
	end

	function saveCells(key, cells, idleAt)
		states.change(key, cells, pack, idleAt)
	end
end
