-- Hands over a result that was too large to come along with an answer.
--
-- KEYS  [1] the record
-- ARGV  [1] a test's clock in ms, or ''  [2] token of the run that is done
-- Returns the content; nil when it is not kept any more
function commands.fetchResult(keys, args)
	startClock(args[1])
	local record = runs.load(keys[1])
	if not record or record.state ~= 'done' or record.token ~= tonumber(args[2]) then
		return nil
	end
	return redis.call('HGET', keys[1], 'content')
end
