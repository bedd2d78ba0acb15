-- How many calls may run: as set, or found out; see core/policies/bulkhead/adaptive-limit.ts and gradient.ts.
-- One key, unless the limit is fixed: strategy, limit, falls, lastCallAt, successes, mostInFlight, lastingMs (the longest idleResetMs it
-- was used with), and with a gradient latencies = { endsAt, calls, sumMs, mostInFlight, longTermMs, warmedUp }.
local concurrency = {}

do
	local SHORTEST_MS = 1000
	local FEWEST_CALLS = 10
	local WARM_UP = 10

	local function create(options)
		local limit = {
			strategy = options.strategy,
			limit = options.initialConcurrentCalls,
			falls = 0,
			lastCallAt = now,
			successes = 0,
			mostInFlight = 0,
		}
		if options.strategy == 'gradient' then
			limit.latencies = {
				endsAt = now + SHORTEST_MS, calls = 0, sumMs = 0, mostInFlight = 0, longTermMs = 0, warmedUp = 0,
			}
		end
		return limit
	end

	local function within(limit, options)
		return max(options.minConcurrentCalls, min(options.maxConcurrentCalls, limit))
	end

	function concurrency.forgottenAt(limit, options)
		return limit.lastCallAt + options.idleResetMs
	end

	-- As it is to be used now, and whether it was known; fresh where nothing is known, or another kind of limit.
	function concurrency.load(key, options)
		if options.strategy == 'fixed' then
			return nil, false
		end
		local limit = loadRecord(key)
		if not limit or limit.strategy ~= options.strategy or now >= concurrency.forgottenAt(limit, options) then
			return create(options), false
		end
		return limit, true
	end

	function concurrency.limit(limit, options)
		if not limit then
			return options.maxConcurrentCalls
		end
		return floor(within(limit.limit, options))
	end

	function concurrency.save(key, limit, options)
		if limit then
			limit.lastCallAt = max(limit.lastCallAt, now)
			limit.lastingMs = max(limit.lastingMs or 0, options.idleResetMs)
			saveRecord(key, limit, limit.lastCallAt + limit.lastingMs)
		end
	end

	local function isTooMuch(options, outcome)
		if outcome.kind == 'failure' then
			return true
		end
		local longest = options.slowCallDurationThresholdMs
		return options.strategy == 'aimd'
			and longest > 0
			and (outcome.kind == 'slow' or outcome.latencyMs >= longest)
	end

	local function noteMeasurement(latencies, options, shortTermMs)
		if latencies.warmedUp < WARM_UP then
			latencies.longTermMs = (latencies.longTermMs * latencies.warmedUp + shortTermMs)
				/ (latencies.warmedUp + 1)
			latencies.warmedUp = latencies.warmedUp + 1
		else
			local part = 2 / (options.longTermMeasurements + 1)
			latencies.longTermMs = latencies.longTermMs * (1 - part) + shortTermMs * part
		end
		if latencies.longTermMs > 2 * shortTermMs then
			latencies.longTermMs = latencies.longTermMs * 0.95
		end
	end

	local function alongGradient(latencies, before, options, inFlight, latencyMs)
		latencies.calls = latencies.calls + 1
		latencies.sumMs = latencies.sumMs + floor(latencyMs)
		latencies.mostInFlight = max(latencies.mostInFlight, inFlight)
		if now < latencies.endsAt or latencies.calls < FEWEST_CALLS then
			return before
		end
		local shortTermMs = max(1, latencies.sumMs / latencies.calls)
		local isUsed = latencies.mostInFlight * 2 >= before
		noteMeasurement(latencies, options, shortTermMs)
		latencies.endsAt = now + SHORTEST_MS
		latencies.calls, latencies.sumMs, latencies.mostInFlight = 0, 0, 0
		if not isUsed then
			return before
		end
		local gradient = max(0.5, min(1, options.latencyTolerance * latencies.longTermMs / shortTermMs))
		local wanted = before * gradient + options.queueAllowance
		return before * (1 - options.smoothing) + wanted * options.smoothing
	end

	local function grownAdditively(limit, before, inFlight)
		limit.successes = limit.successes + 1
		limit.mostInFlight = max(limit.mostInFlight, inFlight)
		if limit.successes < before then
			return before
		end
		local isUsed = limit.mostInFlight * 2 >= before
		limit.successes, limit.mostInFlight = 0, 0
		return isUsed and before + 1 or before
	end

	local function limitAfter(limit, before, options, inFlight, outcome)
		if isTooMuch(options, outcome) then
			limit.falls = limit.falls + 1
			limit.successes, limit.mostInFlight = 0, 0
			return floor(before * options.backoffRatio / 100)
		end
		if limit.latencies then
			return alongGradient(limit.latencies, before, options, inFlight, outcome.latencyMs)
		end
		return grownAdditively(limit, before, inFlight)
	end

	function concurrency.learn(limit, options, token, inFlight, outcome)
		if token ~= limit.falls or outcome.kind == 'ignored' then
			return
		end
		local before = within(limit.limit, options)
		limit.limit = within(limitAfter(limit, before, options, inFlight, outcome), options)
	end
end
