-- Rate limiters: by algorithm, with a reserve for calls of priority and an adaptive limit; see core/policies/rate-limiter.
-- One key: the cells of the algorithm, then those of the adaptive limit if there is one.
-- An algorithm has: size, judge, take, idleAt, inspect, and prepare(options) where something follows from the options.
local limiters = {}
-- What the algorithm is wrapped in where the limit adapts; set by adaptive_limiter.
local adaptive

do
	local machine = { keys = 1 }

	function machine.prepare(options)
		local limiter = limiters[options.algorithm]
		local capacity = options.algorithm == 'gcra' and options.burst or options.limit
		options.limiter = limiter
		options.size = limiter.size + (options.adaptive and adaptive.SIZE or 0)
		options.reserve = floor(capacity * options.reservedForPriority / 100)
		if limiter.prepare then
			limiter.prepare(options)
		end
	end

	local function idleAt(cells, options)
		local idle = options.limiter.idleAt(cells, options)
		return options.adaptive and max(idle, adaptive.recoveredAt(cells, options)) or idle
	end

	function machine.load(keys, options)
		return loadCells(keys[1], options.size)
	end

	function machine.judge(guard)
		local options = guard.options
		local weight = guard.priority > 0 and guard.weight or guard.weight + options.reserve
		return options.limiter.judge(guard.state, options, weight)
	end

	function machine.take(guard)
		local options, weight, token = guard.options, guard.weight, 0
		if options.adaptive then
			weight, token = adaptive.weightNow(guard.state, options, weight)
			adaptive.noteUse(guard.state, options)
		end
		options.limiter.take(guard.state, options, weight)
		return token
	end

	function machine.refund(guard, token, takenAt)
		local options, weight = guard.options, guard.weight
		if token ~= 0 then
			weight = adaptive.putBack(guard.state, options, token, takenAt)
		end
		options.limiter.refund(guard.state, options, weight, takenAt)
		machine.save(guard)
	end

	function machine.save(guard)
		local options = guard.options
		saveCells(guard.keys[1], guard.state, idleAt(guard.state, options))
	end

	function machine.settle(guard, outcome)
		local options = guard.options
		if options.adaptive and adaptive.learn(guard.state, options, outcome) then
			machine.save(guard)
		end
		return true
	end

	function machine.inspect(guard)
		local options = guard.options
		if idleAt(guard.state, options) <= now then
			return nil
		end
		local figures = options.limiter.inspect(guard.state, options)
		return 'active', options.adaptive and adaptive.inspect(guard.state, options, figures) or figures
	end

	machines['rate-limiter'] = machine
end
