-- Reads what jobs are about. One script for many jobs costs a fraction of as many commands.
--
-- KEYS  the jobs, at most 1,000
-- Returns data, priority and time of adding of each in turn; nothing for those that are gone
local fields = {}
for index, key in ipairs(KEYS) do
	local read = redis.call('HMGET', key, 'data', 'priority', 'timestamp')
	for field = 1, 3 do
		fields[3 * index - 3 + field] = read[field]
	end
end
return fields
