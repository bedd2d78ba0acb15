-- Generic cell rate algorithm; see core/policies/rate-limiter/gcra.ts.
-- Cells: [1] when the level was noted, in ms; [2] the level; [3] the smallest limit it was used with since it was empty:
-- nobody must find it forgotten too early.
local gcra = { size = 3 }

do
	local AT, LEVEL, SMALLEST = 1, 2, 3

	local function levelNow(cells, options)
		local drained = cells[LEVEL] - max(0, now - cells[AT]) * options.limit
		return max(0, drained)
	end

	function gcra.judge(cells, options, weight)
		local excess = levelNow(cells, options) + weight * options.periodMs - options.burst * options.periodMs
		if excess <= 0 then
			return 0
		end
		if weight > options.burst then
			return -1
		end
		return max(0, cells[AT] - now) + math.ceil(excess / options.limit)
	end

	function gcra.take(cells, options, weight)
		local level = levelNow(cells, options)
		local isEmpty = level == 0 or cells[SMALLEST] == 0
		cells[SMALLEST] = isEmpty and options.limit or min(cells[SMALLEST], options.limit)
		cells[LEVEL] = level + weight * options.periodMs
		cells[AT] = max(now, cells[AT])
	end

	function gcra.refund(cells, options, weight, takenAt)
		if takenAt > cells[AT] then
			return
		end
		local left = weight * options.periodMs - (cells[AT] - takenAt) * options.limit
		cells[LEVEL] = cells[LEVEL] - max(0, min(left, cells[LEVEL]))
	end

	function gcra.idleAt(cells, options)
		return cells[AT] + math.ceil(cells[LEVEL] / min(options.limit, max(1, cells[SMALLEST])))
	end

	function gcra.inspect(cells, options)
		local free = options.burst * options.periodMs - levelNow(cells, options)
		return { limit = options.limit, remaining = max(0, floor(free / options.periodMs)) }
	end
end
limiters['gcra'] = gcra
