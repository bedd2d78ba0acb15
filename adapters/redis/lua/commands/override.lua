-- Changes a state by hand.
--
-- KEYS  [1] the mark of the request; then those of the policy (see its include)
-- ARGV  [1] a test's clock in ms, or ''  [2] action: open, close, isolate (breakers) or reset  [3] policy as JSON
-- Returns 1 done, 0 done before
function commands.override(keys, args)
	startClock(args[1])
	if not marks.note(keys[1], '') then
		return 0
	end
	local guard = readGuards(keys, args, 2, 3, 1)[1]
	if guard.machine.override then
		guard.machine.override(guard, args[2])
	elseif args[2] == 'reset' then
		local waiting = guard.machine.waiting and guard.machine.waiting(guard)
		redis.call('DEL', unpack(guard.keys))
		if waiting then
			line.wake(waiting, guard.options.wakeChannel)
		end
	end
	return 1
end
