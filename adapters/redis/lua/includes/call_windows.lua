-- The windows of calls that a circuit breaker judges by; see core/policies/circuit-breaker/call-windows.ts.
-- In the breaker's state: countWindow, timeWindow, and isRingNew when the key of the countWindow has no end yet.
local callWindows = {}

do
	function callWindows.isByCount(options)
		return options.slidingWindowType == 'count-based'
	end

	function callWindows.isAdaptive(options)
		return options.thresholdStrategy == 'adaptive' and options.failureRateThreshold > 0
	end

	local function teacherOf(guard)
		if not callWindows.isAdaptive(guard.options) then
			return nil
		end
		return function(calls, failures, windowCalls)
			baseline.learn(guard.state, calls, failures, windowCalls)
		end
	end

	-- The window of the kind that the options ask for, no smaller than they ask.
	local function provideWindow(guard, ringKey)
		local state, options = guard.state, guard.options
		if callWindows.isByCount(options) then
			local known, size = state.countWindow, options.slidingWindowSize
			state.countWindow = known or countWindow.create(size)
			state.isRingNew = countWindow.growTo(state.countWindow, ringKey, size) or not known
			return state.countWindow
		end
		local known, durationMs = state.timeWindow, options.slidingWindowDurationMs
		state.timeWindow = known and timeWindow.grownTo(known, durationMs) or timeWindow.create(durationMs)
		return state.timeWindow
	end

	-- Notes a call in each window there is, and returns the one to judge by. Only what leaves that one teaches.
	function callWindows.note(guard, ringKey, failed, slow)
		local state, options = guard.state, guard.options
		local hasRates = options.failureRateThreshold > 0 or options.slowCallRateThreshold > 0
		local window = hasRates and provideWindow(guard, ringKey)
		local teach, byCount = teacherOf(guard), callWindows.isByCount(options)
		if state.countWindow then
			countWindow.add(state.countWindow, ringKey, failed, slow, byCount and teach or nil)
		end
		if state.timeWindow then
			timeWindow.add(state.timeWindow, failed, slow, not byCount and teach or nil)
		end
		return window
	end

	-- Drops the calls that have left the window to judge by.
	function callWindows.advance(guard)
		if guard.state.timeWindow and not callWindows.isByCount(guard.options) then
			timeWindow.advance(guard.state.timeWindow, teacherOf(guard))
		end
	end

	-- The one to judge by, if there is one.
	function callWindows.current(state, options)
		if callWindows.isByCount(options) then
			return state.countWindow
		end
		return state.timeWindow
	end
end
