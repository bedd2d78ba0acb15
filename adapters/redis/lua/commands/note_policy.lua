-- Notes how a place defines a policy, and drops what is too old or too much.
--
-- KEYS  [1] the definitions of the policy
-- ARGV  [1] a test's clock in ms, or ''  [2] id of the place  [3] its definition, as text  [4] how long one is kept in ms
--       [5] how many are kept
-- Returns place by place, the newest first: its id, then when it was noted in ms, a blank and its definition
function commands.notePolicy(keys, args)
	startClock(args[1])
	local key, keptMs, most = keys[1], tonumber(args[4]), tonumber(args[5])
	redis.call('HSET', key, args[2], integer(now) .. ' ' .. args[3])
	redis.call('PEXPIRE', key, ttl(now + keptMs))
	local found = definitions.read(key, keptMs)
	while #found > most do
		found[#found] = nil
	end
	local kept = {}
	for index = 1, #found do
		kept[found[index][1]] = true
	end
	for _, place in ipairs(redis.call('HKEYS', key)) do
		if not kept[place] then
			redis.call('HDEL', key, place)
		end
	end
	return definitions.answer(found)
end
