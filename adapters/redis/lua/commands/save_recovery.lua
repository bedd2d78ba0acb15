-- Keeps how far an attempt to bring an execution back has come, in place of what is kept of that attempt.
--
-- KEYS  [1] the attempts of the execution
-- ARGV  [1] a test's clock in ms, or ''  [2] number of the attempt  [3] the claim that must be kept, or '' for none
--       [4] the claim, a blank and the record, as text  [5] how long it is kept in ms
-- Returns 1 kept, also when it was before; 0 another claim is
function commands.saveRecovery(keys, args)
	startClock(args[1])
	local kept = redis.call('HGET', keys[1], args[2])
	if kept ~= args[4] then
		local claim = kept and string.match(kept, '^%S+') or ''
		if claim ~= args[3] then
			return 0
		end
		redis.call('HSET', keys[1], args[2], args[4])
	end
	redis.call('PEXPIRE', keys[1], ttl(now + tonumber(args[5])))
	return 1
end
