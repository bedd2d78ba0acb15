-- The state of a circuit breaker, of one key; see core/policies/circuit-breaker/state.ts.
-- Fields: state, generation, lastCallAt, consecutiveFailures, openUntil, timesOpened, baselineCalls and baselineFailures
-- (see baseline), lastingMs (the longest idleResetMs it was used with), while half-open probes = { started, succeeded,
-- failed, slow }, and what is packed until openWindows unpacks it: its windows countWindow and timeWindow, which only a
-- closed one has, and since, which only others have. Besides, from take to save: isRestarted when the leases of earlier
-- probes are to be dropped, newProbe = the permit id of a probe that is to get its lease, isRingNew when the key of the
-- countWindow has no end yet.
-- Kept as 15 doubles (the names of states by number; whether there is a countWindow) and then windows and since, packed,
-- which an admission need not look into. Versions that know of no since unpack the windows before it all the same.
local breakerRecord = {}

do
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
			if state.since then
				windows = cmsgpack.pack(false, false, state.since)
			elseif state.countWindow or state.timeWindow then
				windows = cmsgpack.pack(state.countWindow or false, state.timeWindow or false)
			else
				windows = NO_WINDOWS
			end
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

	-- Makes of what is packed countWindow, timeWindow and since.
	function breakerRecord.openWindows(state)
		local windows = state.windows
		state.windows = nil
		if windows and windows ~= NO_WINDOWS then
			local countWindow, timeWindow, since = cmsgpack.unpack(windows)
			state.countWindow = countWindow or nil
			state.timeWindow = timeWindow or nil
			-- Not nil, for which Lua would make room in the table all the same.
			if since then
				state.since = since
			end
		end
	end

	function breakerRecord.load(key)
		local known = states.known(key)
		if known then
			return known
		end
		local packed = redis.call('GET', key)
		if packed then
			return states.note(key, unpacked(packed))
		end
		return states.note(key, {
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

	function breakerRecord.save(key, state, idleAt)
		state.idleAt = idleAt
		states.change(key, state, write)
	end
end
