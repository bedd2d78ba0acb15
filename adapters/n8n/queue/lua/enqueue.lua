-- Adds a job as Bull 4 does, once. What was added stays known when the job has ended.
--
-- KEYS  [1] waiting jobs  [2] those of a paused queue  [3] there when the queue is paused  [4] counter of jobs added
--       [5] priorities of waiting jobs  [6] the job  [7] the mark of what was added
--       [8] says that an id was given again, and changes each time
-- ARGV  [1] id of the request  [2] time to live of the mark in ms  [3] id of the job  [4] data  [5] options
--       [6] time of adding in ms  [7] priority  [8] 1 where another job had the id before
-- Returns 1  added; the same again when the answer was lost
--      or 0  was added before
--      or 2  another job has this id
local mark = redis.call('GET', KEYS[7])
if mark then
	return mark == ARGV[1] and 1 or 0
end
if redis.call('EXISTS', KEYS[6]) == 1 then
	return 2
end
redis.call('SET', KEYS[7], ARGV[1], 'PX', ARGV[2])
if ARGV[8] == '1' then
	redis.call('SET', KEYS[8], ARGV[1], 'PX', ARGV[2])
end

local id, priority = ARGV[3], tonumber(ARGV[7])
local list = redis.call('EXISTS', KEYS[3]) == 1 and KEYS[2] or KEYS[1]

local function add()
	redis.call('INCR', KEYS[4])
	redis.call(
		'HSET', KEYS[6], 'name', 'job', 'data', ARGV[4], 'opts', ARGV[5], 'timestamp', ARGV[6], 'delay', 0,
		'priority', priority
	)
	-- Before the first of those that have the same priority or come after; workers take from the end.
	redis.call('ZADD', KEYS[5], priority, id)
	local before = redis.call('ZCOUNT', KEYS[5], 0, priority) - 1
	local neighbour = redis.call('LINDEX', list, redis.call('LLEN', list) - before)
	if neighbour then
		redis.call('LINSERT', list, 'BEFORE', neighbour, id)
	else
		redis.call('RPUSH', list, id)
	end
end

-- A user may lack the right to one of these: then nothing stays of the others.
local isAdded, problem = pcall(add)
if not isAdded then
	redis.pcall('ZREM', KEYS[5], id)
	redis.pcall('DEL', KEYS[6])
	redis.pcall('DEL', KEYS[7])
	error(problem)
end
return 1
