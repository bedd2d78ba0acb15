-- What is known of a piece of work, for people.
--
-- KEYS  [1] the record
-- ARGV  [1] a test's clock in ms, or ''
-- Returns state (running, done, unkept, failed), token, ms since it ended or since its lease ran out; nothing when
-- nothing is known
function commands.inspectRun(keys, args)
	startClock(args[1])
	local record = runs.load(keys[1])
	if not record or record.isForgotten then
		return {}
	end
	return { record.state, record.token, now - (record.isRunning and record.leaseUntil or record.endedAt) }
end
