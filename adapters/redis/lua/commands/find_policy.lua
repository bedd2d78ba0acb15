-- How places define a policy.
--
-- KEYS  [1] the definitions of the policy
-- ARGV  [1] a test's clock in ms, or ''  [2] how long a definition is kept in ms
-- Returns as notePolicy does; nothing when no place defines it
function commands.findPolicy(keys, args)
	startClock(args[1])
	return definitions.answer(definitions.read(keys[1], tonumber(args[2])))
end
