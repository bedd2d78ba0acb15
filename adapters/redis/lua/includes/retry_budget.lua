-- Retry budget after Finagle's; see core/policies/retry-budget.
-- One key: a segment ring of what was paid in and drawn.
do
	local machine = { keys = 1 }
	local SEGMENTS = 10
	local SIZE = ring.SIZE + SEGMENTS
	local COST_OF_RETRY = 100
	-- Tokens.
	local CALL, RETRY = 0, 1

	local function segmentMs(options)
		return math.ceil(options.ttlMs / SEGMENTS)
	end

	local function reserve(options)
		return floor(options.minRetriesPerSecond * options.ttlMs * COST_OF_RETRY / 1000)
	end

	local function amountOf(options, token)
		return token == RETRY and -COST_OF_RETRY or options.percentCanRetry
	end

	local function idleAt(cells, options)
		return (cells[ring.NEWEST] + SEGMENTS) * segmentMs(options)
	end

	function machine.load(keys)
		return loadCells(keys[1], SIZE)
	end

	function machine.judge(guard, call)
		if call.attempt <= 1 then
			return 0
		end
		local cells, options = guard.state, guard.options
		local length = segmentMs(options)
		local current = ring.current(cells, length)
		local balance = reserve(options) + ring.sumAt(cells, SEGMENTS, current)
		if balance >= COST_OF_RETRY then
			return 0
		end
		for leaving = current - SEGMENTS + 1, current do
			balance = balance - ring.amountOf(cells, SEGMENTS, leaving)
			if balance >= COST_OF_RETRY then
				return (leaving + SEGMENTS) * length - now
			end
		end
		return -1
	end

	function machine.take(guard, call)
		local cells, options = guard.state, guard.options
		local token = call.attempt <= 1 and CALL or RETRY
		ring.addAt(cells, SEGMENTS, ring.current(cells, segmentMs(options)), amountOf(options, token))
		return token
	end

	function machine.refund(guard, token, takenAt)
		local options = guard.options
		local segment = floor(takenAt / segmentMs(options))
		ring.removeAt(guard.state, SEGMENTS, segment, amountOf(options, token))
		machine.save(guard)
	end

	function machine.save(guard)
		saveCells(guard.keys[1], guard.state, idleAt(guard.state, guard.options))
	end

	function machine.inspect(guard)
		local cells, options = guard.state, guard.options
		if idleAt(cells, options) <= now then
			return nil
		end
		local current = ring.current(cells, segmentMs(options))
		local balance = reserve(options) + ring.sumAt(cells, SEGMENTS, current)
		return 'active', { retriesLeft = max(0, floor(balance / COST_OF_RETRY)) }
	end

	machines['retry-budget'] = machine
end
