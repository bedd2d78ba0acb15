-- Marks: what was answered to a request, by its id, so that it counts once when it is sent again because its answer
-- was lost.
local marks = {}

do
	-- Longer than a request may come again.
	local KEPT_MS = '15000'
	local SETTLED, LOST = 'settled', 'lost'

	-- Returns false when there is an answer already.
	function marks.note(key, answer)
		return redis.call('SET', key, answer, 'PX', KEPT_MS, 'NX')
	end

	-- Returns false when there is none.
	function marks.read(key)
		return redis.call('GET', key)
	end

	-- Whether it says that a permit was settled.
	function marks.isEnd(mark)
		return mark == SETTLED or mark == LOST
	end

	-- Returns what was answered when the permit was settled before: 1 held, 0 lost; else nil.
	function marks.settle(key)
		local before = redis.call('SET', key, SETTLED, 'PX', KEPT_MS, 'GET')
		if before == LOST then
			marks.lose(key)
			return 0
		end
		return before == SETTLED and 1 or nil
	end

	function marks.lose(key)
		redis.call('SET', key, LOST, 'PX', KEPT_MS)
	end
end
