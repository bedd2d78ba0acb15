-- Undoes an admission whose call was not made: gives back what each guard holds, and what it took as far as it counts.
--
-- KEYS  the page of the request's mark; the page of the permit's
-- ARGV  request id; permit id; when it was admitted, in ms; then for each guard its token
-- Returns 1 done, 0 done before, or the permit had ended
do
	local request = { keys = 2, args = 3, guardArgs = 1 }

	function request.run(call, keys, key, args, arg)
		if not marks.noteDone(keys[key], args[arg]) then
			return 0
		end
		local permitId, takenAt = args[arg + 1], tonumber(args[arg + 2])
		if marks.ended(keys[key + 1], permitId) then
			return 0
		end
		-- The same permit may be asked for again.
		marks.forget(keys[key + 1], permitId)

		local guards = openGuards(call, keys, key + 2)
		for index = 1, #guards do
			undo(guards[index], permitId, tonumber(args[arg + 2 + index]), takenAt)
		end
		return 1
	end

	requests.refund = request
end
