-- The states that a script works on: each is read once, and written once at the end, however many requests change it.
-- A key is kept for longer than it must be, so that most writes need not say for how long; a state knows until when.
local states = {}

do
	-- The server's clock runs on while a script is at work.
	local SPARE_MS = 1000
	-- By their keys: states, what writes those that changed, until when other keys are needed, and what was done already.
	local known, writers, neededUntil, done = {}, {}, {}, {}

	-- Forgets what another script knew.
	function states.start()
		known, writers, neededUntil, done = {}, {}, {}, {}
	end

	-- nil when it has not been read yet.
	function states.known(key)
		return known[key]
	end

	-- Returns the state.
	function states.note(key, state)
		known[key] = state
		return state
	end

	-- Notes a state that is to be written, by write(key, state).
	function states.change(key, state, write)
		known[key], writers[key] = state, write
	end

	function states.drop(key)
		known[key], writers[key] = nil, nil
		redis.call('DEL', key)
	end

	-- Whether a script asks this for the first time: what needs to be done with a key once, however many requests need it.
	function states.isFirst(key)
		local isFirst = not done[key]
		done[key] = true
		return isFirst
	end

	-- Keeps a key that is not a state, or not all of one, until `idleAt` at least.
	function states.expire(key, idleAt)
		neededUntil[key] = max(neededUntil[key] or 0, idleAt)
	end

	-- Until when a key is to be kept that is kept until `keptUntil` and whose state is as good as none from `idleAt` on.
	function states.lasting(keptUntil, idleAt)
		-- Most often.
		if keptUntil >= idleAt then
			return keptUntil
		end
		local needed = min(now + LONGEST_MS, idleAt)
		if keptUntil >= needed then
			return keptUntil
		end
		return needed + max(0, floor((needed - now) / 4))
	end

	-- Sets a key that is kept until `before`, 0 when there is none, and is to be kept until `keptUntil`.
	function states.set(key, packed, before, keptUntil)
		if before > 0 and before == keptUntil then
			redis.call('SET', key, packed, 'KEEPTTL')
		else
			redis.call('SET', key, packed, 'PX', ttl(keptUntil + SPARE_MS))
		end
	end

	-- Writes all that was noted.
	function states.write()
		for key, idleAt in pairs(neededUntil) do
			-- Twice what is needed, so that most calls find that it lasts.
			if redis.call('PTTL', key) - slackMs < min(LONGEST_MS, idleAt - now) then
				redis.call('PEXPIRE', key, ttl(2 * idleAt - now))
			end
		end
		for key, write in pairs(writers) do
			write(key, known[key])
		end
		states.start()
	end
end
