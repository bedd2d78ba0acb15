-- Forgets a piece of work, whatever became of it, and wakes who waits for its end. Its token stays known, so that the
-- next run gets a higher one. Sent again, it leaves alone what has begun since.
--
-- KEYS  [1] the record  [2] who waits for its end  [3] the page of the request's mark
-- ARGV  [1] a test's clock in ms, or ''  [2] request id  [3] wake channel
-- Returns 1 done, 0 done before
function commands.forgetRun(keys, args)
	startClock(args[1])
	marks.start()
	if not marks.noteDone(keys[3], args[2]) then
		return 0
	end
	local record = runs.load(keys[1])
	if record then
		runs.finish(keys[1], record, 'forgotten', '')
	end
	runs.wakeAll(keys[2], args[3])
	marks.write()
	return 1
end
