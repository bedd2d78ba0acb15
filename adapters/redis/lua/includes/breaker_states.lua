-- How a circuit breaker goes from one of its states to another; see core/policies/circuit-breaker/state.ts.
local breakerStates = {}

do
	local function forget(state)
		state.windows = nil
		state.countWindow = nil
		state.timeWindow = nil
		state.consecutiveFailures = 0
	end

	function breakerStates.close(state)
		forget(state)
		state.state = 'closed'
		state.since = nil
		state.generation = state.generation + 1
		state.timesOpened = 0
		state.probes = false
	end

	-- Multiplied step by step, since powers are rounded differently elsewhere.
	local function waitWhenOpen(options, timesOpened)
		local longest = max(options.maxWaitDurationInOpenStateMs, options.waitDurationInOpenStateMs)
		local wait = options.waitDurationInOpenStateMs
		for _ = 1, timesOpened do
			if wait >= longest or options.waitDurationMultiplier == 1 then
				break
			end
			wait = wait * options.waitDurationMultiplier
		end
		return math.ceil(min(wait, longest))
	end

	function breakerStates.trip(state, options)
		forget(state)
		-- Of one that is open already only the wait begins anew.
		if state.state ~= 'open' then
			state.since = now
		end
		state.state = 'open'
		state.generation = state.generation + 1
		state.openUntil = now + waitWhenOpen(options, state.timesOpened)
		state.timesOpened = state.timesOpened + 1
		state.probes = false
	end

	function breakerStates.startHalfOpen(state)
		if state.state ~= 'half-open' then
			forget(state)
			state.since = now
		end
		state.isRestarted = true
		state.state = 'half-open'
		state.generation = state.generation + 1
		state.probes = { started = 0, succeeded = 0, failed = 0, slow = 0 }
	end

	-- Turns all calls away until someone closes it.
	function breakerStates.isolate(state)
		local since = state.state == 'isolated' and state.since or now
		breakerStates.close(state)
		state.state = 'isolated'
		state.since = since
	end

	function breakerStates.startOver(state)
		breakerStates.close(state)
		state.baselineCalls = 0
		state.baselineFailures = 0
	end
end
