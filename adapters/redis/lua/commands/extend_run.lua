-- Renews the lease of a run. Late is in time until another took over.
--
-- KEYS  [1] the record
-- ARGV  [1] a test's clock in ms, or ''  [2] token  [3] lease in ms
-- Returns 1 held, 0 lost
function commands.extendRun(keys, args)
	startClock(args[1])
	local record = runs.load(keys[1])
	if not record or not record.isRunning or record.token ~= tonumber(args[2]) then
		return 0
	end
	runs.extend(keys[1], record, tonumber(args[3]))
	return 1
end
