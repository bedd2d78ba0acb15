-- Marks: what was answered to a request, by its id, so that it counts once when it is sent again because its answer
-- was lost.
local marks = { SETTLED = 'settled' }

do
	-- Longer than a request may come again.
	local KEPT_MS = '15000'

	-- Returns false when there is an answer already.
	function marks.note(key, answer)
		return redis.call('SET', key, answer, 'PX', KEPT_MS, 'NX')
	end

	-- Returns false when there is none.
	function marks.read(key)
		return redis.call('GET', key)
	end

	-- Returns what was answered before, or false.
	function marks.replace(key, answer)
		return redis.call('SET', key, answer, 'PX', KEPT_MS, 'GET')
	end
end
