-- Who holds slots of a bulkhead, for people.
--
-- KEYS  [1] its holders
-- ARGV  [1] a test's clock in ms, or ''  [2] how many at most
-- Returns holder by holder, the one whose lease ends first before the others: its permit id, then for how long in ms
function commands.findHolders(keys, args)
	startClock(args[1])
	local found = redis.call('ZRANGEBYSCORE', keys[1], '(' .. integer(now), '+inf', 'WITHSCORES', 'LIMIT', 0, args[2])
	for index = 2, #found, 2 do
		found[index] = integer(tonumber(found[index]) - now)
	end
	return found
end
