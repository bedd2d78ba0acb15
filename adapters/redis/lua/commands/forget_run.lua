-- Forgets a piece of work, whatever became of it, and wakes who waits for its end. Its token stays known, so that the
-- next run gets a higher one.
--
-- KEYS  [1] the record  [2] who waits for its end
-- ARGV  [1] a test's clock in ms, or ''  [2] wake channel
-- Returns 0
function commands.forgetRun(keys, args)
	startClock(args[1])
	local record = runs.load(keys[1])
	if record then
		runs.finish(keys[1], record, 'forgotten', '')
	end
	runs.wakeAll(keys[2], args[2])
	return 0
end
