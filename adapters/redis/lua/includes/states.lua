-- The states that a script works on: each is read once, and written once at the end, however many requests change it.
-- A state has, besides what its machine keeps in it, `keptUntil`: when its key expires, 0 while there is none. A key is
-- kept for longer than it must be, so that most writes need not say for how long.
local states = {}

do
	-- The server's clock runs on while a script is at work.
	local SPARE_MS = 1000
	-- By their keys.
	local known, packers, idleAts, lasting = {}, {}, {}, {}

	-- Forgets what another script knew.
	function states.start()
		known, packers, idleAts, lasting = {}, {}, {}, {}
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

	-- Notes a state that is to be written, as pack(state), and is as good as none from `idleAt` on.
	function states.change(key, state, pack, idleAt)
		known[key], packers[key], idleAts[key] = state, pack, idleAt
	end

	function states.drop(key)
		known[key], packers[key] = nil, nil
		redis.call('DEL', key)
	end

	-- Keeps a key that is not a state, or not all of one, until `idleAt` at least.
	function states.expire(key, idleAt)
		lasting[key] = math.max(lasting[key] or 0, idleAt)
	end

	local function write(key, state, pack, idleAt)
		local neededUntil = math.min(now + LONGEST_MS, idleAt)
		if state.keptUntil > 0 and state.keptUntil >= neededUntil then
			redis.call('SET', key, pack(state), 'KEEPTTL')
		else
			state.keptUntil = neededUntil + math.max(0, math.floor((neededUntil - now) / 4))
			redis.call('SET', key, pack(state), 'PX', ttl(state.keptUntil + SPARE_MS))
		end
	end

	-- Writes all that was noted.
	function states.write()
		for key, idleAt in pairs(lasting) do
			-- Twice what is needed, so that most calls find that it lasts.
			if redis.call('PTTL', key) < math.min(LONGEST_MS, idleAt - now) then
				redis.call('PEXPIRE', key, ttl(2 * idleAt - now))
			end
		end
		for key, pack in pairs(packers) do
			write(key, known[key], pack, idleAts[key])
		end
		states.start()
	end
end
