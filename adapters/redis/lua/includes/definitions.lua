-- How places define a policy; see core/policy-registry.
-- A hash: place -> when it was noted in ms, a blank, and the rest as the caller gave it.
local definitions = {}

-- Those that still count, the newest first, each { place, text, noted at }; of two that are equally new, one for sure.
function definitions.read(key, keptMs)
	local stored, found = redis.call('HGETALL', key), {}
	for index = 1, #stored, 2 do
		local place, text = stored[index], stored[index + 1]
		local notedAt = tonumber(string.match(text, '^%d+'))
		if notedAt > now - keptMs then
			found[#found + 1] = { place, text, notedAt }
		end
	end
	table.sort(found, function(one, other)
		if one[3] ~= other[3] then
			return one[3] > other[3]
		end
		return one[1] < other[1]
	end)
	return found
end

-- As a script answers: place by place its id and what is stored of it.
function definitions.answer(found)
	local answer = {}
	for index = 1, #found do
		answer[#answer + 1] = found[index][1]
		answer[#answer + 1] = found[index][2]
	end
	return answer
end
