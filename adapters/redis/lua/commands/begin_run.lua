-- Starts a piece of work, or says what became of it.
--
-- KEYS  [1] the record  [2] who waits for its end
-- ARGV  [1] a test's clock in ms, or ''  [2] id of the run  [3] lease in ms  [4] time to live of the end in ms
--       [5] 1 when what has failed is run again  [6] how long to note that this request waits in ms, 0 for not at all
-- Returns 0, token, 1 when taken over     started; the same again when the answer was lost
--      or 1, ms                           another is at it, until its lease is over in so many ms
--      or 2, state, ms, content           ended so long ago: done, unkept or failed
--      or 3, ms, token, bytes             done so long ago, with a result that is too large to come along
function commands.beginRun(keys, args)
	startClock(args[1])
	local run, ticketMs = args[2], tonumber(args[6])
	local record = runs.load(keys[1])

	if record and record.isRunning and record.leaseUntil > now then
		if record.run == run then
			return { 0, record.token, 0 }
		end
		if ticketMs > 0 then
			runs.await(keys[2], run, ticketMs)
		end
		return { 1, record.leaseUntil - now }
	end
	local isOver = record and not record.isRunning and not record.isForgotten
	if isOver and not (record.state == 'failed' and args[5] == '1') then
		local ageMs, bytes = now - record.endedAt, redis.call('HSTRLEN', keys[1], 'content')
		if bytes > runs.LARGE_BYTES then
			return { 3, ageMs, record.token, bytes }
		end
		return { 2, record.state, ageMs, redis.call('HGET', keys[1], 'content') }
	end

	-- The time, so that tokens grow although records are forgotten.
	local token = max(now, record and record.token + 1 or 0)
	runs.start(keys[1], token, run, tonumber(args[3]), tonumber(args[4]))
	return { 0, token, record and record.isRunning and 1 or 0 }
end
