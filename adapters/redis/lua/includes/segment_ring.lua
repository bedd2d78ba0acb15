-- Amounts per time segment over a moving window; see core/policies/segment-ring.ts.
-- Cells: [1] number of the newest segment; [2] sum of all amounts; then a ring of amounts.
local ring = { NEWEST = 1, TOTAL = 2, SIZE = 2 }

do
	local NEWEST, TOTAL, SIZE = ring.NEWEST, ring.TOTAL, ring.SIZE

	local function placeOf(segment, segments)
		return SIZE + 1 + segment % segments
	end

	function ring.current(cells, segmentMs)
		local current, newest = floor(now / segmentMs), cells[NEWEST]
		return current > newest and current or newest
	end

	function ring.amountOf(cells, segments, segment)
		local newest = cells[NEWEST]
		if segment < 0 or segment > newest or segment <= newest - segments then
			return 0
		end
		return cells[placeOf(segment, segments)]
	end

	function ring.sumAt(cells, segments, current)
		local newest = cells[NEWEST]
		if current == newest then
			return cells[TOTAL]
		end
		if current - newest >= segments then
			return 0
		end
		local sum = cells[TOTAL]
		for leaving = newest - segments + 1, current - segments do
			sum = sum - ring.amountOf(cells, segments, leaving)
		end
		return sum
	end

	function ring.removeAt(cells, segments, segment, amount)
		local newest = cells[NEWEST]
		if segment > newest or segment <= newest - segments then
			return
		end
		local place = placeOf(segment, segments)
		cells[TOTAL] = cells[TOTAL] - amount
		cells[place] = cells[place] - amount
	end

	function ring.addAt(cells, segments, current, amount)
		if current == cells[NEWEST] then
			local place = placeOf(current, segments)
			cells[TOTAL] = cells[TOTAL] + amount
			cells[place] = cells[place] + amount
			return
		end
		local passed = min(current - cells[NEWEST], segments)
		for step = 0, passed - 1 do
			local place = placeOf(current - step, segments)
			cells[TOTAL] = cells[TOTAL] - cells[place]
			cells[place] = 0
		end
		local place = placeOf(current, segments)
		cells[NEWEST] = current
		cells[TOTAL] = cells[TOTAL] + amount
		cells[place] = cells[place] + amount
	end
end
