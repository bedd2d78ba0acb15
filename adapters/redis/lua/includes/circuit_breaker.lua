-- Circuit breaker; see core/policies/circuit-breaker.
-- Three keys: its state; the calls of a count-based window; the leases of the probes.
-- State: state, generation, lastCallAt, consecutiveFailures, openUntil, timesOpened, baselineCalls and baselineFailures
-- (see baseline), lastingMs (the longest idleResetMs it was used with), while half-open probes = { started, succeeded,
-- failed, slow }, and its windows: packed, until openWindows makes of them countWindow and timeWindow. Besides, from take
-- to save: isRestarted when the leases of earlier probes are to be dropped, newProbe = the permit id of a probe that is
-- to get its lease, isRingNew when the key of the countWindow has no end yet.
-- Kept as 15 doubles (the names of states by number; whether there is a countWindow) and then the packed windows, which
-- an admission need not look into.
do
	local machine = { keys = 3 }
	local STATE, RING, PROBES = 1, 2, 3
	local NAMES = { 'closed', 'open', 'half-open', 'isolated' }
	local NUMBERS = { closed = 1, open = 2, ['half-open'] = 3, isolated = 4 }
	local FORMAT, FORMAT_BYTES = '<ddddddddddddddd', 15 * 8
	local NO_WINDOWS = ''

	local function unpacked(packed)
		local number, generation, lastCallAt, consecutiveFailures, openUntil, timesOpened, baselineCalls,
			baselineFailures, lastingMs, started, succeeded, failed, slow, ringInUse, keptUntil = struct.unpack(FORMAT, packed)
		return {
			state = NAMES[number],
			generation = generation,
			lastCallAt = lastCallAt,
			consecutiveFailures = consecutiveFailures,
			openUntil = openUntil,
			timesOpened = timesOpened,
			baselineCalls = baselineCalls,
			baselineFailures = baselineFailures,
			lastingMs = lastingMs,
			probes = number == NUMBERS['half-open']
				and { started = started, succeeded = succeeded, failed = failed, slow = slow },
			hasRing = ringInUse == 1,
			keptUntil = keptUntil,
			windows = string.sub(packed, FORMAT_BYTES + 1),
		}
	end

	local function pack(state)
		local windows = state.windows
		if not windows then
			local isEmpty = not state.countWindow and not state.timeWindow
			windows = isEmpty and NO_WINDOWS or cmsgpack.pack(state.countWindow or false, state.timeWindow or false)
		end
		local probes = state.probes
		return struct.pack(
			FORMAT,
			NUMBERS[state.state],
			state.generation,
			state.lastCallAt,
			state.consecutiveFailures,
			state.openUntil,
			state.timesOpened,
			state.baselineCalls,
			state.baselineFailures,
			state.lastingMs,
			probes and probes.started or 0,
			probes and probes.succeeded or 0,
			probes and probes.failed or 0,
			probes and probes.slow or 0,
			state.hasRing and 1 or 0,
			state.keptUntil
		) .. windows
	end

	local function write(key, state)
		local before = state.keptUntil
		state.keptUntil = states.lasting(before, state.idleAt)
		states.set(key, pack(state), before, state.keptUntil)
	end

	local function openWindows(state)
		local windows = state.windows
		state.windows = nil
		if windows and windows ~= NO_WINDOWS then
			local countWindow, timeWindow = cmsgpack.unpack(windows)
			state.countWindow = countWindow or nil
			state.timeWindow = timeWindow or nil
		end
	end

	local function forget(state)
		state.windows = nil
		state.countWindow = nil
		state.timeWindow = nil
		state.consecutiveFailures = 0
	end

	local function close(state)
		forget(state)
		state.state = 'closed'
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

	local function trip(state, options)
		forget(state)
		state.state = 'open'
		state.generation = state.generation + 1
		state.openUntil = now + waitWhenOpen(options, state.timesOpened)
		state.timesOpened = state.timesOpened + 1
		state.probes = false
	end

	local function startHalfOpen(state)
		state.isRestarted = true
		state.state = 'half-open'
		state.generation = state.generation + 1
		state.probes = { started = 0, succeeded = 0, failed = 0, slow = 0 }
	end

	local function startOver(state)
		close(state)
		state.baselineCalls = 0
		state.baselineFailures = 0
	end

	-- Whether the call has the lease of a probe, or is just being given one.
	local function isProbe(guard, permitId)
		local state = guard.state
		return state.newProbe == permitId
			or not state.isRestarted and leases.isHeld(guard.keys[PROBES], permitId)
	end

	local function forgottenAt(guard)
		local state = guard.state
		if state.state == 'isolated' then
			return math.huge
		end
		local last = state.lastCallAt
		if state.state == 'open' then
			last = max(state.openUntil, last)
		elseif state.state == 'half-open' then
			last = max(leases.lastEnd(guard.keys[PROBES]), last)
		end
		return last + guard.options.idleResetMs
	end

	local function save(guard)
		local state = guard.state
		state.lastingMs = max(state.lastingMs, guard.options.idleResetMs)
		local idleAt = forgottenAt(guard) - guard.options.idleResetMs + state.lastingMs
		if not state.windows then
			state.hasRing = state.countWindow ~= nil
		end
		if state.hasRing and (state.isRingNew or idleAt > state.keptUntil) then
			states.expire(guard.keys[RING], idleAt)
		elseif state.isRingNew then
			-- The call that began the window also ended it.
			redis.call('DEL', guard.keys[RING])
		end
		state.isRingNew = nil
		state.idleAt = idleAt
		states.change(guard.keys[STATE], state, write)
	end

	local function isAdaptive(options)
		return options.thresholdStrategy == 'adaptive' and options.failureRateThreshold > 0
	end

	local function teacherOf(guard)
		if not isAdaptive(guard.options) then
			return nil
		end
		return function(calls, failures, windowCalls)
			baseline.learn(guard.state, calls, failures, windowCalls)
		end
	end

	local function isByCount(options)
		return options.slidingWindowType == 'count-based'
	end

	local function minimumCalls(options)
		if isByCount(options) then
			return min(options.minimumNumberOfCalls, options.slidingWindowSize)
		end
		return options.minimumNumberOfCalls
	end

	local function currentThreshold(state, options)
		if not isAdaptive(options) then
			return options.failureRateThreshold
		end
		return baseline.threshold(state, options, minimumCalls(options))
	end

	local function isSlow(outcome, options)
		return outcome.kind == 'slow' or outcome.latencyMs >= options.slowCallDurationThresholdMs
	end

	-- The window of the kind that the options ask for, no smaller than they ask.
	local function provideWindow(guard)
		local state, options = guard.state, guard.options
		if isByCount(options) then
			local known, size = state.countWindow, options.slidingWindowSize
			state.countWindow = known or countWindow.create(size)
			state.isRingNew = countWindow.growTo(state.countWindow, guard.keys[RING], size) or not known
			return state.countWindow
		end
		local known, durationMs = state.timeWindow, options.slidingWindowDurationMs
		state.timeWindow = known and timeWindow.grownTo(known, durationMs) or timeWindow.create(durationMs)
		return state.timeWindow
	end

	-- Notes a call in each window there is, and returns the one to judge by. Only what leaves that one teaches.
	local function countCall(guard, failed, slow)
		local state, options = guard.state, guard.options
		local hasRates = options.failureRateThreshold > 0 or options.slowCallRateThreshold > 0
		local window = hasRates and provideWindow(guard)
		local teach, byCount = teacherOf(guard), isByCount(options)
		if state.countWindow then
			countWindow.add(state.countWindow, guard.keys[RING], failed, slow, byCount and teach or nil)
		end
		if state.timeWindow then
			timeWindow.add(state.timeWindow, failed, slow, not byCount and teach or nil)
		end
		return window
	end

	local function advanceWindow(guard)
		if guard.state.timeWindow and not isByCount(guard.options) then
			timeWindow.advance(guard.state.timeWindow, teacherOf(guard))
		end
	end

	-- Notes a call of a closed breaker, and says whether it is one too many.
	local function shouldTrip(guard, failed, slow)
		local state, options = guard.state, guard.options
		local inARow = options.consecutiveFailureThreshold > 0
			and state.consecutiveFailures >= options.consecutiveFailureThreshold
		local window = countCall(guard, failed, slow)
		if inARow then
			return true
		end
		if not window or window.total < minimumCalls(options) then
			return false
		end
		return (
			options.failureRateThreshold > 0
			and window.failures * 100 >= currentThreshold(state, options) * window.total
		)
			or (
				options.slowCallRateThreshold > 0
				and window.slows * 100 >= options.slowCallRateThreshold * window.total
			)
	end

	-- What the finished probes say: 'open', 'close', or nil while it is not known yet.
	local function verdict(probes, options, failureRateThreshold)
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

	local function settleProbe(guard, permitId, outcome)
		local state, options, key = guard.state, guard.options, guard.keys[PROBES]
		local probes = state.probes
		state.lastCallAt = now
		redis.call('ZREM', key, permitId)
		if outcome.kind == 'ignored' then
			probes.started = probes.started - 1
			return
		end
		local ended = outcome.kind == 'failure' and 'failed' or 'succeeded'
		probes[ended] = probes[ended] + 1
		if isSlow(outcome, options) then
			probes.slow = probes.slow + 1
		end
		local said = verdict(probes, options, currentThreshold(state, options))
		if said == 'open' then
			trip(state, options)
		elseif said == 'close' then
			close(state)
		end
	end

	function machine.load(keys)
		local known = states.known(keys[STATE])
		if known then
			return known
		end
		local packed = redis.call('GET', keys[STATE])
		if packed then
			return states.note(keys[STATE], unpacked(packed))
		end
		return states.note(keys[STATE], {
			state = 'closed',
			generation = now,
			-- Long ago: as good as forgotten.
			lastCallAt = 0,
			consecutiveFailures = 0,
			openUntil = 0,
			timesOpened = 0,
			baselineCalls = 0,
			baselineFailures = 0,
			lastingMs = 0,
			probes = false,
			hasRing = false,
			keptUntil = 0,
			windows = NO_WINDOWS,
		})
	end

	function machine.judge(guard, call)
		local state = guard.state
		if state.state == 'closed' then
			return 0
		end
		if state.state == 'isolated' then
			return -1
		end
		if state.state == 'open' then
			return max(0, state.openUntil - now)
		end
		if leases.isHeld(guard.keys[PROBES], call.permitId) then
			return 0
		end
		if state.probes.started < guard.options.permittedNumberOfCallsInHalfOpenState then
			return 0
		end
		return max(0, leases.lastEnd(guard.keys[PROBES]) - now)
	end

	function machine.isFirm(guard)
		return guard.state.state == 'open' or guard.state.state == 'isolated'
	end

	function machine.take(guard, call)
		local state = guard.state
		if now >= forgottenAt(guard) then
			startOver(state)
		end
		if state.state == 'open' then
			startHalfOpen(state)
		end
		if state.state == 'half-open' and not isProbe(guard, call.permitId) then
			-- All probes of this generation were started and some never reported: a fresh generation asks again.
			if state.probes.started >= guard.options.permittedNumberOfCallsInHalfOpenState then
				startHalfOpen(state)
			end
			state.probes.started = state.probes.started + 1
			state.newProbe = call.permitId
		end
		state.lastCallAt = now
		return state.generation
	end

	function machine.save(guard, call)
		local state = guard.state
		if state.isRestarted then
			redis.call('DEL', guard.keys[PROBES])
			state.isRestarted = nil
		end
		if state.newProbe then
			leases.hold(guard.keys[PROBES], state.newProbe, now + call.leaseMs, guard.options.idleResetMs)
			state.newProbe = nil
		end
		save(guard)
	end

	function machine.isLeased(guard)
		return guard.state.state == 'half-open'
	end

	function machine.settle(guard, outcome, permitId, token)
		local state, options = guard.state, guard.options
		if token ~= state.generation then
			return false
		end
		openWindows(state)
		if state.state ~= 'closed' then
			if not state.probes or not leases.isHeld(guard.keys[PROBES], permitId) then
				return false
			end
			settleProbe(guard, permitId, outcome)
			save(guard)
			return true
		end
		if now >= forgottenAt(guard) then
			return false
		end
		state.lastCallAt = now
		if outcome.kind ~= 'ignored' then
			local failed = outcome.kind == 'failure'
			state.consecutiveFailures = failed and state.consecutiveFailures + 1 or 0
			if shouldTrip(guard, failed, isSlow(outcome, options)) then
				trip(state, options)
			end
		end
		save(guard)
		return true
	end

	function machine.release(guard, permitId)
		if guard.state.probes then
			machine.settle(guard, { kind = 'ignored', latencyMs = 0 }, permitId, guard.state.generation)
		end
	end

	function machine.extend(guard, permitId, token, leaseUntil)
		local state = guard.state
		if token ~= state.generation then
			return false
		end
		if state.state == 'closed' then
			if now >= forgottenAt(guard) then
				return false
			end
			state.lastCallAt = now
			save(guard)
			return true
		end
		if not state.probes or not leases.isHeld(guard.keys[PROBES], permitId) then
			return false
		end
		leases.hold(guard.keys[PROBES], permitId, leaseUntil, guard.options.idleResetMs)
		save(guard)
		return true
	end

	function machine.override(guard, action)
		local state = guard.state
		openWindows(state)
		if now >= forgottenAt(guard) then
			startOver(state)
		end
		advanceWindow(guard)
		if action == 'open' then
			trip(state, guard.options)
		elseif action == 'reset' then
			startOver(state)
		else
			close(state)
		end
		if action == 'isolate' then
			state.state = 'isolated'
		end
		state.lastCallAt = now
		save(guard)
	end

	function machine.inspect(guard)
		local state, options = guard.state, guard.options
		if now >= forgottenAt(guard) then
			return nil
		end
		openWindows(state)
		advanceWindow(guard)
		local window = (isByCount(options) and state.countWindow or not isByCount(options) and state.timeWindow)
			or { total = 0, failures = 0, slows = 0 }
		local function rate(calls)
			return window.total > 0 and calls / window.total * 100 or 0
		end
		return state.state,
			{
				generation = state.generation,
				calls = window.total,
				failureRate = rate(window.failures),
				failureRateThreshold = currentThreshold(state, options),
				slowCallRate = rate(window.slows),
				consecutiveFailures = state.consecutiveFailures,
				openForMs = state.state == 'open' and max(0, state.openUntil - now) or 0,
				probesStarted = state.probes and state.probes.started or 0,
			}
	end

	machines['circuit-breaker'] = machine
end
