-- States that are a few numbers, all 0 at first. One key holds them, as doubles, and until when it is kept. In a script,
-- behind their numbers, cells also have until when they are kept, and from when on they are as good as none.
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

	local function write(key, cells)
		local idle = #cells
		local kept = idle - 1
		local before = cells[kept]
		cells[kept] = states.lasting(before, cells[idle])
		states.set(key, struct.pack(formatOf(kept), unpack(cells, 1, kept)), before, cells[kept])
	end

	function loadCells(key, size)
		local cells = states.known(key)
		if cells then
			return cells
		end
		local packed = redis.call('GET', key)
		if packed then
			-- Behind the numbers comes where they end, in place of the time that is to be set.
			return states.note(key, { struct.unpack(formatOf(size + 1), packed) })
		end
		cells = {}
		for cell = 1, size + 2 do
			cells[cell] = 0
		end
		return states.note(key, cells)
	end

	function saveCells(key, cells, idleAt)
		cells[#cells] = idleAt
		states.change(key, cells, write)
	end
end
