-- Looks at some of the keys of the node that has a policy, for those whose names match. Only for people who ask.
--
-- KEYS  [1] any key of the policy
-- ARGV  [1] where to go on, '0' at first  [2] pattern  [3] how many keys to look at
-- Returns where to go on, '0' at the end, then the names that match
function commands.scanKeys(_, args)
	lookUpGlobals()
	local found = redis.call('SCAN', args[1], 'MATCH', args[2], 'COUNT', args[3])
	return { found[1], unpack(found[2]) }
end
