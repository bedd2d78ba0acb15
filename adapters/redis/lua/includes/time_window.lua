-- A breaker's calls of the last seconds; see core/policies/circuit-breaker/time-window.ts.
-- In the breaker's state: durationMs, total, failures, slows, newest, and older = segments before the newest one, oldest
-- first, each { number, total, failures, slows }.
local timeWindow = {}

do
	local SEGMENTS = 10
	local NUMBER, TOTAL, FAILURES, SLOWS = 1, 2, 3, 4

	local function segmentMs(window)
		return math.ceil(window.durationMs / SEGMENTS)
	end

	local function sum(segments, figure)
		local total = 0
		for _, segment in ipairs(segments) do
			total = total + segment[figure]
		end
		return total
	end

	local function segmentsOf(window)
		local older, segments = window.older, {}
		for index, segment in ipairs(older) do
			segments[index] = segment
		end
		segments[#segments + 1] = {
			window.newest,
			window.total - sum(older, TOTAL),
			window.failures - sum(older, FAILURES),
			window.slows - sum(older, SLOWS),
		}
		return segments
	end

	local function advanceTo(window, at, teach)
		local current = floor(at / segmentMs(window))
		if current <= window.newest then
			return
		end
		if window.total > 0 then
			local kept, windowCalls = {}, window.total
			for _, segment in ipairs(segmentsOf(window)) do
				if segment[NUMBER] > current - SEGMENTS then
					kept[#kept + 1] = segment
				else
					if teach then
						teach(segment[TOTAL], segment[FAILURES], windowCalls)
					end
					windowCalls = windowCalls - segment[TOTAL]
				end
			end
			window.total = sum(kept, TOTAL)
			window.failures = sum(kept, FAILURES)
			window.slows = sum(kept, SLOWS)
			window.older = kept
		end
		window.newest = current
	end

	function timeWindow.create(durationMs)
		return { durationMs = durationMs, total = 0, failures = 0, slows = 0, newest = 0, older = {} }
	end

	-- Drops what has left by now, and tells `teach(calls, failures, windowCalls)` of it, if there is one.
	function timeWindow.advance(window, teach)
		advanceTo(window, now, teach)
	end

	function timeWindow.add(window, failed, slow, teach)
		advanceTo(window, now, teach)
		window.total = window.total + 1
		window.failures = window.failures + (failed and 1 or 0)
		window.slows = window.slows + (slow and 1 or 0)
	end

	-- Itself if it is long enough, else a longer one with all its calls, each segment's at the time it began.
	function timeWindow.grownTo(window, durationMs)
		if durationMs <= window.durationMs then
			return window
		end
		advanceTo(window, now)
		local longer = timeWindow.create(durationMs)
		for _, segment in ipairs(segmentsOf(window)) do
			advanceTo(longer, segment[NUMBER] * segmentMs(window))
			longer.total = longer.total + segment[TOTAL]
			longer.failures = longer.failures + segment[FAILURES]
			longer.slows = longer.slows + segment[SLOWS]
		end
		return longer
	end
end
