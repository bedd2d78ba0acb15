-- The state of a policy under one key, for people. The policy is the only guard.
--
-- Returns its name, for how long it has been so in ms ('' where that is not known), then figure by figure a name and a
-- number as text; nothing when the state is as good as none
do
	local request = { keys = 0, args = 0, guardArgs = 0 }

	function request.run(call, keys, key)
		-- To look at a state moves it on to this moment, which is not to be kept.
		states.write()
		local guard = openGuards(call, keys, key)[1]
		local state, figures, since = guard.machine.inspect(guard)
		states.start()
		if not state then
			return {}
		end
		-- A time by this server's clock would tell whoever asks nothing.
		local answer = { state, since and integer(now - since) or '' }
		for figure, value in pairs(figures) do
			answer[#answer + 1] = figure
			answer[#answer + 1] = string.format('%.17g', value)
		end
		return answer
	end

	requests.inspect = request
end
