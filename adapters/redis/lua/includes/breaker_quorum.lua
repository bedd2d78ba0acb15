-- Votes of workers on a breaker; see core/policies/breaker-quorum.
-- One key: votes = voter -> until when, openUntil, isIsolated, since (of one that is not closed). Votes that lapsed leave
-- with the next one that is cast.
do
	local machine = { keys = 1 }

	-- When each vote that stands lapses, the next one first.
	local function standing(state)
		local votes = {}
		for _, voteEnd in pairs(state.votes) do
			if voteEnd > now then
				votes[#votes + 1] = voteEnd
			end
		end
		table.sort(votes)
		return votes
	end

	local function idleAt(state)
		if state.isIsolated then
			return math.huge
		end
		local last = state.openUntil
		for _, voteEnd in pairs(state.votes) do
			last = max(last, voteEnd)
		end
		return last
	end

	local function nameOf(guard)
		if guard.state.isIsolated then
			return 'isolated'
		end
		return machine.judge(guard) > 0 and 'open' or 'closed'
	end

	-- Votes also lapse by themselves, so what it was before is known just before the change only.
	local function keep(guard, before)
		if nameOf(guard) ~= before then
			guard.state.since = now
		end
		if idleAt(guard.state) <= now then
			states.drop(guard.keys[1])
		else
			saveRecord(guard.keys[1], guard.state, idleAt(guard.state))
		end
	end

	function machine.load(keys)
		return loadRecord(keys[1]) or states.note(keys[1], { votes = {}, openUntil = 0, isIsolated = false })
	end

	function machine.judge(guard)
		local state = guard.state
		if state.isIsolated then
			return -1
		end
		local votes, quorum = standing(state), guard.options.quorum
		local lastNeeded = #votes >= quorum and votes[#votes - quorum + 1] or 0
		return max(0, lastNeeded - now, state.openUntil - now)
	end

	function machine.take()
		return 0
	end

	function machine.save() end

	function machine.settle(guard, _, _, token)
		if token == 0 then
			return true
		end
		local before, votes = nameOf(guard), {}
		for voter, voteEnd in pairs(guard.state.votes) do
			if voteEnd > now then
				votes[voter] = voteEnd
			end
		end
		votes[guard.options.voter] = token > 0 and now + token or nil
		guard.state.votes = votes
		keep(guard, before)
		return true
	end

	function machine.extend()
		return true
	end

	function machine.override(guard, action)
		local state, before = guard.state, nameOf(guard)
		if action == 'close' or action == 'reset' then
			state.votes = {}
		end
		state.openUntil = action == 'open' and now + guard.options.waitDurationInOpenStateMs or 0
		state.isIsolated = action == 'isolate'
		keep(guard, before)
	end

	function machine.inspect(guard)
		local state = guard.state
		if idleAt(state) <= now then
			return nil
		end
		local name, retryAfterMs = nameOf(guard), machine.judge(guard)
		return name,
			{
				votes = #standing(state),
				quorum = guard.options.quorum,
				retryAfterMs = retryAfterMs >= 0 and retryAfterMs or nil,
			},
			name ~= 'closed' and state.since or nil
	end

	machines['breaker-quorum'] = machine
end
