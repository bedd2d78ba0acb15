-- Changes a state by hand. The policy is the only guard.
--
-- Terms action: open, close, isolate (breakers) or reset
-- KEYS  the page of the request's mark
-- ARGV  request id
-- Returns 1 done, 0 done before
do
	local request = { keys = 1, args = 1, guardArgs = 0 }

	function request.prepare(call, terms)
		call.action = terms[1]
	end

	local function drop(guard)
		for _, key in ipairs(guard.keys) do
			states.drop(key)
		end
	end

	local function reset(guard)
		local waiting = guard.machine.waiting and guard.machine.waiting(guard)
		drop(guard)
		if waiting then
			line.wake(waiting, guard.options.wakeChannel)
		end
	end

	local function change(call, keys, first)
		local guard = openGuards(call, keys, first)[1]
		if guard.machine.override then
			guard.machine.override(guard, call.action)
		elseif call.action == 'reset' then
			reset(guard)
		end
	end

	function request.run(call, keys, key, args, arg)
		if not marks.noteDone(keys[key], args[arg]) then
			return 0
		end
		if call.action ~= 'reset' then
			change(call, keys, key + 1)
		elseif not pcall(change, call, keys, key + 1) then
			-- Something else lies there, which is what a reset is asked for.
			drop(call.guards[1])
		end
		return 1
	end

	requests.override = request
end
