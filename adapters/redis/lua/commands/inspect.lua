-- The state of a policy under one key, for people.
--
-- KEYS  those of the policy (see its include)
-- ARGV  [1] a test's clock in ms, or ''  [2] policy as JSON
-- Returns its name, then figure by figure a name and a number as text; nothing when the state is as good as none
function commands.inspect(keys, args)
	startClock(args[1])
	local guard = readGuards(keys, args, 1, 2, 1)[1]
	local state, figures = guard.machine.inspect(guard)
	if not state then
		return {}
	end
	local answer = { state }
	for figure, value in pairs(figures) do
		answer[#answer + 1] = figure
		answer[#answer + 1] = string.format('%.17g', value)
	end
	return answer
end
