-- Circuit breaker; see core/policies/circuit-breaker.
-- Three keys: its state; the calls of a count-based window; the leases of the probes.
do
	local machine = { keys = 3 }
	local STATE, RING, PROBES = 1, 2, 3
	-- A call that has no permit yet.
	local NOBODY = { permitId = '' }

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
			-- For as long as the state, which would go by calls that are gone.
			states.expire(guard.keys[RING], states.lasting(state.keptUntil, idleAt))
		elseif state.isRingNew then
			-- The call that began the window also ended it.
			redis.call('DEL', guard.keys[RING])
		end
		state.isRingNew = nil
		breakerRecord.save(guard.keys[STATE], state, idleAt)
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
		if breakerRules.isSlow(outcome, options) then
			probes.slow = probes.slow + 1
		end
		local said = breakerRules.verdict(probes, options, breakerRules.threshold(state, options))
		if said == 'open' then
			breakerStates.trip(state, options)
		elseif said == 'close' then
			breakerStates.close(state)
		end
	end

	function machine.load(keys)
		return breakerRecord.load(keys[STATE])
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
			breakerStates.startOver(state)
		end
		if state.state == 'open' then
			breakerStates.startHalfOpen(state)
		end
		if state.state == 'half-open' and not isProbe(guard, call.permitId) then
			-- All probes of this generation were started and some never reported: a fresh generation asks again.
			if state.probes.started >= guard.options.permittedNumberOfCallsInHalfOpenState then
				breakerStates.startHalfOpen(state)
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
		breakerRecord.openWindows(state)
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
			local slow = breakerRules.isSlow(outcome, options)
			local window = callWindows.note(guard, guard.keys[RING], failed, slow)
			if breakerRules.shouldTrip(state, options, window) then
				breakerStates.trip(state, options)
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
		breakerRecord.openWindows(state)
		if now >= forgottenAt(guard) then
			breakerStates.startOver(state)
		end
		callWindows.advance(guard)
		if action == 'open' then
			breakerStates.trip(state, guard.options)
		elseif action == 'reset' then
			breakerStates.startOver(state)
		elseif action == 'isolate' then
			breakerStates.isolate(state)
		else
			breakerStates.close(state)
		end
		state.lastCallAt = now
		save(guard)
	end

	function machine.inspect(guard)
		local state, options = guard.state, guard.options
		if now >= forgottenAt(guard) then
			return nil
		end
		breakerRecord.openWindows(state)
		callWindows.advance(guard)
		local window = callWindows.current(state, options) or { total = 0, failures = 0, slows = 0 }
		local retryAfterMs = machine.judge(guard, NOBODY)
		local function rate(calls)
			return window.total > 0 and calls / window.total * 100 or 0
		end
		return state.state,
			{
				generation = state.generation,
				calls = window.total,
				failureRate = rate(window.failures),
				failureRateThreshold = breakerRules.threshold(state, options),
				slowCallRate = rate(window.slows),
				consecutiveFailures = state.consecutiveFailures,
				timesOpened = state.timesOpened,
				retryAfterMs = retryAfterMs >= 0 and retryAfterMs or nil,
				probesStarted = state.probes and state.probes.started or 0,
			},
			state.since
	end

	machines['circuit-breaker'] = machine
end
