-- Takes an unfinished job away that nobody holds.
--
-- KEYS  [1] active jobs  [2] waiting jobs  [3] those of a paused queue  [4] delayed jobs  [5] priorities of waiting jobs
--       [6] the job  [7] its lock  [8] its log  [9] jobs to be found stalled unless somebody holds them
-- ARGV  [1] id of the job  [2] owner of a lock that counts as none, or ''  [3] how long that was to last at most, in ms
-- Returns 1  removed
--      or 0  somebody holds it
--      or 2  no unfinished job
local owner = redis.call('GET', KEYS[7])
local isDead = owner == ARGV[2] and redis.call('PTTL', KEYS[7]) <= tonumber(ARGV[3])
if owner and not isDead then
	return 0
end

local id = ARGV[1]
local isRemoved = redis.call('LREM', KEYS[1], 0, id) > 0
	or redis.call('ZREM', KEYS[4], id) > 0
	or redis.call('LREM', KEYS[2], 0, id) > 0
	or redis.call('LREM', KEYS[3], 0, id) > 0
if not isRemoved then
	return 2
end

redis.call('ZREM', KEYS[5], id)
redis.call('SREM', KEYS[9], id)
redis.call('DEL', KEYS[6], KEYS[7], KEYS[8])
return 1
