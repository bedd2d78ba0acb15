-- Rate limiters: by algorithm, with a reserve for calls of priority and an adaptive limit; see core/policies/rate-limiter.
-- One key: the cells of the algorithm, then those of the adaptive limit if there is one.
local limiters = {}
-- What the algorithm is wrapped in where the limit adapts; set by adaptive_limiter.
local adaptive

do
	local machine = { keys = 1 }

	local function sizeOf(options)
		return limiters[options.algorithm].size + (options.adaptive and adaptive.SIZE or 0)
	end

	local function reserveAgainst(options, priority)
		if priority > 0 then
			return 0
		end
		local capacity = options.algorithm == 'gcra' and options.burst or options.limit
		return math.floor(capacity * options.reservedForPriority / 100)
	end

	local function idleAt(cells, options)
		local idle = limiters[options.algorithm].idleAt(cells, options)
		return options.adaptive and math.max(idle, adaptive.recoveredAt(cells, options)) or idle
	end

	function machine.load(keys, options)
		return loadCells(keys[1], sizeOf(options))
	end

	function machine.judge(guard)
		local weight = guard.weight + reserveAgainst(guard.options, guard.priority)
		return limiters[guard.options.algorithm].judge(guard.state, guard.options, weight)
	end

	function machine.take(guard)
		local options, weight = guard.options, guard.weight
		if options.adaptive then
			weight = adaptive.weightNow(guard.state, options, weight)
			adaptive.noteUse(guard.state, options)
		end
		limiters[options.algorithm].take(guard.state, options, weight)
		saveCells(guard.keys[1], guard.state, idleAt(guard.state, options))
		return 0
	end

	function machine.settle(guard, outcome)
		local options = guard.options
		if options.adaptive and adaptive.learn(guard.state, options, outcome) then
			saveCells(guard.keys[1], guard.state, idleAt(guard.state, options))
		end
		return true
	end

	function machine.inspect(guard)
		local options = guard.options
		if idleAt(guard.state, options) <= now then
			return nil
		end
		local figures = limiters[options.algorithm].inspect(guard.state, options)
		return 'active', options.adaptive and adaptive.inspect(guard.state, options, figures) or figures
	end

	machines['rate-limiter'] = machine
end
