-- The last calls of a breaker; see core/policies/circuit-breaker/count-window.ts.
-- In the breaker's state: size, total, failures, slows, next; and a key with two bits a call, as a ring.
local countWindow = {}

do
	local FAILED, SLOW = 1, 2

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
			window.slows = window.slows - math.floor(dropped / SLOW)
		end
		window.failures = window.failures + (failed and 1 or 0)
		window.slows = window.slows + (slow and 1 or 0)
		window.next = window.next + 1 == window.size and 0 or window.next + 1
	end

	-- Itself if it is large enough, else a larger one with all its calls.
	function countWindow.grownTo(window, ringKey, size)
		if size <= window.size then
			return window
		end
		local calls = {}
		for nth = window.total, 1, -1 do
			local at = (window.next - nth + window.size) % window.size
			calls[#calls + 1] = redis.call('BITFIELD', ringKey, 'GET', 'u2', place(at))[1]
		end
		redis.call('DEL', ringKey)
		local larger = countWindow.create(size)
		for _, call in ipairs(calls) do
			countWindow.add(larger, ringKey, call % 2 == 1, call >= SLOW)
		end
		return larger
	end
end
