-- Marks: what was answered to a request, by its id, so that it counts once when it is sent again because its answer
-- was lost. The marks of ids that differ in nothing but their last character are fields of one key, their page, so that
-- those of a batch are read and written together.
local marks = {}

do
	-- Longer than a request may come again.
	local KEPT_MS = '15000'
	local SETTLED, LOST, DONE, NONE = 'settled', 'lost', 'done', ''
	-- By key: pages, each with its answers by field and, if there are any, those that are to be written: its key, then in turn a
	-- field and an answer.
	local pages = {}

	-- Forgets what another script knew.
	function marks.start()
		pages = {}
	end

	local function open(key)
		local answers, stored = {}, redis.call('HGETALL', key)
		for index = 1, #stored, 2 do
			answers[stored[index]] = stored[index + 1]
		end
		local page = { answers = answers }
		pages[key] = page
		return page
	end

	-- nil when there is none.
	function marks.read(key, id)
		local page = pages[key] or open(key)
		local answer = page.answers[string.sub(id, -1)]
		return answer ~= NONE and answer or nil
	end

	function marks.note(key, id, answer)
		local page, field = pages[key] or open(key), string.sub(id, -1)
		local noted = page.noted
		if not noted then
			noted = { key }
			page.noted = noted
		end
		local last = #noted
		noted[last + 1], noted[last + 2] = field, answer
		page.answers[field] = answer
	end

	function marks.forget(key, id)
		marks.note(key, id, NONE)
	end

	-- Whether it says that a permit was settled.
	function marks.isEnd(answer)
		return answer == SETTLED or answer == LOST
	end

	function marks.noteEnd(key, id, isHeld)
		marks.note(key, id, isHeld and SETTLED or LOST)
	end

	-- What was answered when the permit was settled before: 1 held, 0 lost; else nil.
	function marks.ended(key, id)
		local answer = marks.read(key, id)
		return answer == SETTLED and 1 or answer == LOST and 0 or nil
	end

	-- Notes that a request was carried out. Returns false when it was before.
	function marks.noteDone(key, id)
		if marks.read(key, id) then
			return false
		end
		marks.note(key, id, DONE)
		return true
	end

	-- Writes all that was noted.
	function marks.write()
		for key, page in pairs(pages) do
			if page.noted then
				redis.call('HSET', unpack(page.noted))
				redis.call('PEXPIRE', key, KEPT_MS)
			end
		end
		marks.start()
	end
end
