-- Sliding-window counter that errs on the safe side; see core/policies/rate-limiter/sliding-window.ts.
-- Cells: a segment ring.
local sliding_window = { size = ring.SIZE + 11 }

do
	local SEGMENTS_PER_PERIOD = 10

	-- How long a segment is, and how many the period can touch.
	function sliding_window.prepare(options)
		local length = math.ceil(options.periodMs / SEGMENTS_PER_PERIOD)
		options.segmentMs = length
		options.segments = floor((options.periodMs + length - 2) / length) + 1
	end

	function sliding_window.judge(cells, options, weight)
		local length, segments = options.segmentMs, options.segments
		local current = ring.current(cells, length)
		local excess = ring.sumAt(cells, segments, current) + weight - options.limit
		if excess <= 0 then
			return 0
		end
		if weight > options.limit then
			return -1
		end
		local leaving = current - segments
		-- A sum that is none of its segments must not keep the server busy.
		while excess > 0 and leaving < current do
			leaving = leaving + 1
			excess = excess - ring.amountOf(cells, segments, leaving)
		end
		return (leaving + segments) * length - now
	end

	function sliding_window.take(cells, options, weight)
		ring.addAt(cells, options.segments, ring.current(cells, options.segmentMs), weight)
	end

	function sliding_window.refund(cells, options, weight, takenAt)
		local segment = floor(takenAt / options.segmentMs)
		local given = min(weight, ring.amountOf(cells, options.segments, segment))
		ring.removeAt(cells, options.segments, segment, given)
	end

	function sliding_window.idleAt(cells, options)
		return (cells[ring.NEWEST] + options.segments) * options.segmentMs
	end

	function sliding_window.inspect(cells, options)
		local used = ring.sumAt(cells, options.segments, ring.current(cells, options.segmentMs))
		return { limit = options.limit, remaining = max(0, options.limit - used) }
	end
end
limiters['sliding-window'] = sliding_window
