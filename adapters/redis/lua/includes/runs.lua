-- Records of work that is done once; see core/policies/run-once.
-- Two keys: the record, and the requests that wait for its end by when they will have asked again.
-- The record's fields: state (running, done, unkept, failed, forgotten), token, run, ttlMs, and leaseUntil or endedAt and content.
local runs = {}

do
	-- What is larger is asked for on its own, because it may be long on its way. No failure is.
	runs.LARGE_BYTES = 32 * 1024

	-- More than that ask again by themselves.
	local MOST_WAITING = 100

	-- Without its content, which may be large; nil when it counts no more.
	function runs.load(key)
		local found = redis.call('HMGET', key, 'state', 'token', 'run', 'ttlMs', 'leaseUntil', 'endedAt')
		if not found[1] then
			return nil
		end
		local record = {
			state = found[1],
			token = tonumber(found[2]),
			run = found[3],
			ttlMs = tonumber(found[4]),
			leaseUntil = tonumber(found[5] or 0),
			endedAt = tonumber(found[6] or 0),
		}
		record.isRunning = record.state == 'running'
		record.isForgotten = record.state == 'forgotten'
		record.forgottenAt = (record.isRunning and record.leaseUntil or record.endedAt) + record.ttlMs
		return record.forgottenAt > now and record or nil
	end

	local function keep(key, forgottenAt)
		redis.call('PEXPIRE', key, ttl(forgottenAt))
	end

	function runs.start(key, token, run, leaseMs, ttlMs)
		redis.call('DEL', key)
		redis.call('HSET', key, 'state', 'running', 'token', token, 'run', run, 'ttlMs', ttlMs, 'leaseUntil', now + leaseMs)
		keep(key, now + leaseMs + ttlMs)
	end

	function runs.extend(key, record, leaseMs)
		redis.call('HSET', key, 'leaseUntil', now + leaseMs)
		keep(key, now + leaseMs + record.ttlMs)
	end

	function runs.finish(key, record, state, content)
		redis.call('HSET', key, 'state', state, 'endedAt', now, 'content', content)
		redis.call('HDEL', key, 'leaseUntil', 'run')
		keep(key, now + record.ttlMs)
	end

	function runs.await(key, run, ticketMs)
		redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
		if redis.call('ZCARD', key) < MOST_WAITING then
			redis.call('ZADD', key, now + ticketMs, run)
			redis.call('PEXPIRE', key, ttl(now + ticketMs))
		end
	end

	function runs.wakeAll(key, wakeChannel)
		line.wake(redis.call('ZRANGE', key, 0, -1), wakeChannel)
		redis.call('DEL', key)
	end
end
