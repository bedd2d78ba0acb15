-- Ends a run and wakes who waits for it.
--
-- KEYS  [1] the record  [2] who waits for its end
-- ARGV  [1] a test's clock in ms, or ''  [2] token  [3] state: done, unkept or failed  [4] content  [5] wake channel
-- Returns 0 noted, also when it was before; 1 another has taken over; 2 nothing is known of it
function commands.endRun(keys, args)
	startClock(args[1])
	local record, token = runs.load(keys[1]), tonumber(args[2])
	-- One that is older was written before this server lost what came after it.
	if not record or record.token < token or record.token == token and record.isForgotten then
		return 2
	elseif record.token > token then
		return 1
	end
	if record.isRunning then
		runs.finish(keys[1], record, args[3], args[4])
		runs.wakeAll(keys[2], args[5])
	end
	return 0
end
