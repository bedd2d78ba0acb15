-- Attempts to bring an execution back.
--
-- KEYS  [1] the attempts of the execution
-- ARGV  [1] a test's clock in ms, or ''
-- Returns of each its claim, a blank and its record
function commands.findRecoveries(keys, args)
	startClock(args[1])
	return redis.call('HVALS', keys[1])
end
