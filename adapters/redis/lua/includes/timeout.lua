-- Adaptive time-outs: latencies in buckets; see core/policies/timeout. Buckets are counted and turned into latencies by
-- the caller, whose logarithms may be rounded differently.
-- One key: lastCallAt, half, and for the current and the previous half of the window bucket -> calls, sorted.
do
	local machine = { keys = 1 }

	local function halfOf(options)
		return math.ceil(options.windowMs / 2)
	end

	local function advance(state, options)
		local half = floor(now / halfOf(options))
		if half <= state.half then
			return
		end
		state.previous = half == state.half + 1 and state.current or {}
		state.current = {}
		state.half = half
	end

	local function calls(histogram)
		local total = 0
		for _, entry in ipairs(histogram) do
			total = total + entry[2]
		end
		return total
	end

	local function countIn(histogram, bucket)
		local place = 1
		while histogram[place] and histogram[place][1] < bucket do
			place = place + 1
		end
		if histogram[place] and histogram[place][1] == bucket then
			histogram[place][2] = histogram[place][2] + 1
		else
			table.insert(histogram, place, { bucket, 1 })
		end
	end

	local function idleAt(state, options)
		return state.lastCallAt + 2 * halfOf(options)
	end

	function machine.save(guard)
		guard.state.lastCallAt = now
		saveRecord(guard.keys[1], guard.state, idleAt(guard.state, guard.options))
	end

	function machine.load(keys)
		return loadRecord(keys[1])
			or states.note(keys[1], { lastCallAt = 0, half = 0, current = {}, previous = {} })
	end

	function machine.judge()
		return 0
	end

	function machine.take()
		return 0
	end

	-- The bucket of the percentile, and how many calls are known.
	function machine.percentile(guard)
		local state, options = guard.state, guard.options
		advance(state, options)
		local known = calls(state.current) + calls(state.previous)
		local wanted = options.percentile * known
		local seen, here, there = 0, 1, 1
		while state.current[here] or state.previous[there] do
			local mine, theirs = state.current[here], state.previous[there]
			local entry
			if mine and (not theirs or mine[1] <= theirs[1]) then
				entry, here = mine, here + 1
			else
				entry, there = theirs, there + 1
			end
			seen = seen + entry[2]
			if seen * 100 >= wanted then
				return entry[1], known
			end
		end
		return -1, known
	end

	function machine.settle(guard, outcome)
		local isTelling = outcome.kind == 'success' or outcome.kind == 'slow' or outcome.timedOut
		if isTelling then
			advance(guard.state, guard.options)
			countIn(guard.state.current, outcome.bucket)
		end
		machine.save(guard)
		return true
	end

	function machine.inspect(guard)
		if now >= idleAt(guard.state, guard.options) then
			return nil
		end
		local bucket, known = machine.percentile(guard)
		return 'active', { bucket = bucket, calls = known }
	end

	machines['timeout'] = machine
end
