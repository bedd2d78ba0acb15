-- The last calls of a breaker; see core/policies/circuit-breaker/count-window.ts.
-- In the breaker's state: size, total, failures, slows, next; and a key with two bits a call, as a ring.
local countWindow = {}

do
	local FAILED, SLOW = 1, 2

	-- So many calls have as many bits as a number of Lua holds without loss.
	local TOGETHER = 26
	-- Moved in one step: Lua hands on a few thousand arguments at once at most.
	local MOST_MOVED = 50

	local function append(list, ...)
		for _, value in ipairs({ ... }) do
			list[#list + 1] = value
		end
	end

	local function place(number)
		return '#' .. integer(number)
	end

	function countWindow.create(size)
		return { size = size, total = 0, failures = 0, slows = 0, next = 0 }
	end

	-- What leaves the window is told to `teach(calls, failures, windowCalls)`, if there is one.
	function countWindow.add(window, ringKey, failed, slow, teach)
		local call = (failed and FAILED or 0) + (slow and SLOW or 0)
		local dropped = redis.call('BITFIELD', ringKey, 'SET', 'u2', place(window.next), call)[1]
		if window.total < window.size then
			window.total = window.total + 1
		else
			local wasFailure = dropped % 2
			if teach then
				teach(1, wasFailure, window.size)
			end
			window.failures = window.failures - wasFailure
			window.slows = window.slows - floor(dropped / SLOW)
		end
		window.failures = window.failures + (failed and 1 or 0)
		window.slows = window.slows + (slow and 1 or 0)
		window.next = window.next + 1 == window.size and 0 or window.next + 1
	end

	-- Moves calls to higher places, the highest first, and many at once: a large window must not keep the server busy.
	local function move(ringKey, from, to, by)
		local reads, kinds, starts = { 'BITFIELD', ringKey }, {}, {}
		while to > from and #kinds < MOST_MOVED do
			local count = math.min(TOGETHER, to - from)
			to = to - count
			kinds[#kinds + 1] = 'u' .. 2 * count
			starts[#starts + 1] = to
			append(reads, 'GET', kinds[#kinds], integer(2 * to))
		end
		local writes = { 'BITFIELD', ringKey }
		for nth, calls in ipairs(redis.call(unpack(reads))) do
			append(writes, 'SET', kinds[nth], integer(2 * (starts[nth] + by)), integer(calls))
		end
		redis.call(unpack(writes))
		if to > from then
			move(ringKey, from, to, by)
		end
	end

	-- Makes room for more calls where the next one goes. Says whether there was not as much already.
	function countWindow.growTo(window, ringKey, size)
		local more = size - window.size
		if more <= 0 then
			return false
		end
		local oldest = (window.next - window.total + window.size) % window.size
		if window.total > 0 and oldest >= window.next then
			move(ringKey, oldest, window.size, more)
		end
		window.size = size
		return true
	end
end
