-- The failure rate that is usual for a service; see core/policies/circuit-breaker/baseline.ts.
-- In a breaker's state: baselineCalls, baselineFailures.
local baseline = {}

do
	local WINDOWS = 10

	function baseline.learn(state, calls, failures, windowCalls)
		local known = state.baselineCalls
		local most = max(known, WINDOWS * windowCalls)
		local all = known + calls
		local failed = state.baselineFailures + failures
		if all > most then
			failed = failed * most / all
			all = most
		end
		state.baselineCalls = all
		state.baselineFailures = failed
	end

	function baseline.threshold(state, options, minimumCalls)
		local calls = state.baselineCalls
		if calls < WINDOWS * minimumCalls then
			return options.failureRateThreshold
		end
		local wanted = state.baselineFailures / calls * 100 * options.baselineMultiplier
		return min(options.maxFailureRateThreshold, max(options.failureRateThreshold, wanted))
	end
end
