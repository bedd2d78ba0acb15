-- Bulkhead; see core/policies/bulkhead.
-- Four keys: holders by the end of their lease; the queue and its tickets; the limit, unless it is fixed.
do
	local machine = { keys = 4 }
	local HOLDERS, QUEUE, TICKETS, LIMIT = 1, 2, 3, 4
	-- More than that wake by themselves.
	local MOST_CALLED = 100

	local function limitOf(guard)
		return concurrency.limit(guard.state.limit, guard.options)
	end

	function machine.load(keys, options)
		local limit, isKnown = concurrency.load(keys[LIMIT], options)
		return { limit = limit, isLimitKnown = isKnown }
	end

	function machine.judge(guard, call)
		guard.hasQueue = not line.isEmpty(guard.keys[QUEUE])
		local limit = limitOf(guard)
		-- Leases that have run out need to be dropped only where they make a difference.
		if not guard.hasQueue and leases.most(guard.keys[HOLDERS]) < limit then
			return 0
		end
		local free = limit - leases.count(guard.keys[HOLDERS])
		if free <= 0 then
			return -1
		end
		local ahead = line.ahead(guard.keys[QUEUE], guard.keys[TICKETS], call.permitId, guard.priority)
		return free > ahead and 0 or -1
	end

	function machine.take(guard)
		return guard.state.limit and guard.state.limit.falls or 0
	end

	function machine.save(guard, call)
		if guard.hasQueue then
			line.drop(guard.keys[QUEUE], guard.keys[TICKETS], call.permitId)
		end
		leases.hold(guard.keys[HOLDERS], call.permitId, now + call.leaseMs, 0)
		concurrency.save(guard.keys[LIMIT], guard.state.limit, guard.options)
	end

	function machine.isLeased()
		return true
	end

	function machine.join(guard, call)
		return line.join(guard.keys[QUEUE], guard.keys[TICKETS], call, guard.priority, guard.options.maxQueueSize)
	end

	-- Tells those in line that a free slot is there for to ask again.
	function machine.callNext(guard)
		if line.isEmpty(guard.keys[QUEUE]) then
			return
		end
		local free = min(MOST_CALLED, limitOf(guard) - leases.count(guard.keys[HOLDERS]))
		if free <= 0 then
			return
		end
		line.wake(line.first(guard.keys[QUEUE], guard.keys[TICKETS], free), guard.options.wakeChannel)
	end

	function machine.withdraw(guard, permitId)
		line.drop(guard.keys[QUEUE], guard.keys[TICKETS], permitId)
		machine.callNext(guard)
	end

	function machine.settle(guard, outcome, permitId, token)
		local limit = guard.state.limit
		local inFlight = limit and leases.count(guard.keys[HOLDERS])
		local isHeld = leases.release(guard.keys[HOLDERS], permitId)
		if isHeld and limit then
			concurrency.learn(limit, guard.options, token, inFlight, outcome)
			concurrency.save(guard.keys[LIMIT], limit, guard.options)
		end
		machine.callNext(guard)
		return isHeld
	end

	function machine.release(guard, permitId)
		leases.release(guard.keys[HOLDERS], permitId)
		machine.withdraw(guard, permitId)
	end

	function machine.extend(guard, permitId, _, leaseUntil)
		if not leases.isHeld(guard.keys[HOLDERS], permitId) then
			return false
		end
		leases.hold(guard.keys[HOLDERS], permitId, leaseUntil, 0)
		concurrency.save(guard.keys[LIMIT], guard.state.limit, guard.options)
		return true
	end

	-- The first in line.
	function machine.waiting(guard)
		return line.first(guard.keys[QUEUE], guard.keys[TICKETS], MOST_CALLED)
	end

	function machine.inspect(guard)
		local running = leases.count(guard.keys[HOLDERS])
		local queued = line.length(guard.keys[QUEUE], guard.keys[TICKETS])
		if running == 0 and queued == 0 and not guard.state.isLimitKnown then
			return nil
		end
		local limit = limitOf(guard)
		return running >= limit and 'saturated' or 'active', { limit = limit, holders = running, queued = queued }
	end

	machines['bulkhead'] = machine
end
