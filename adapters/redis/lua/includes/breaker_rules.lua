-- What a circuit breaker makes of the calls it has seen; see core/policies/circuit-breaker/rules.ts.
local breakerRules = {}

do
	local function minimumCalls(options)
		if callWindows.isByCount(options) then
			return min(options.minimumNumberOfCalls, options.slidingWindowSize)
		end
		return options.minimumNumberOfCalls
	end

	-- The failure rate that the breaker opens at now, in per cent; 0 while that rule is off.
	function breakerRules.threshold(state, options)
		if not callWindows.isAdaptive(options) then
			return options.failureRateThreshold
		end
		return baseline.threshold(state, options, minimumCalls(options))
	end

	function breakerRules.isSlow(outcome, options)
		return outcome.kind == 'slow' or outcome.latencyMs >= options.slowCallDurationThresholdMs
	end

	-- Whether a closed breaker has seen one call too many; `window` is the one to judge by, if there is one.
	function breakerRules.shouldTrip(state, options, window)
		local inARow = options.consecutiveFailureThreshold > 0
			and state.consecutiveFailures >= options.consecutiveFailureThreshold
		if inARow then
			return true
		end
		if not window or window.total < minimumCalls(options) then
			return false
		end
		return (
			options.failureRateThreshold > 0
			and window.failures * 100 >= breakerRules.threshold(state, options) * window.total
		)
			or (
				options.slowCallRateThreshold > 0
				and window.slows * 100 >= options.slowCallRateThreshold * window.total
			)
	end

	-- What the finished probes say: 'open', 'close', or nil while it is not known yet.
	function breakerRules.verdict(probes, options, failureRateThreshold)
		local permitted = options.permittedNumberOfCallsInHalfOpenState
		local failing = failureRateThreshold == 0 or probes.failed * 100 >= failureRateThreshold * permitted
		if probes.failed > 0 and failing then
			return 'open'
		end
		local slow = options.slowCallRateThreshold > 0
			and probes.slow * 100 >= options.slowCallRateThreshold * permitted
		if probes.slow > 0 and slow then
			return 'open'
		end
		return probes.succeeded + probes.failed >= permitted and 'close' or nil
	end
end
