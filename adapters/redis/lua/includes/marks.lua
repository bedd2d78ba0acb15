-- Marks: what was answered to a request, by its id, so that it counts once when it is sent again because its answer
-- was lost. The marks of ids that differ in nothing but their last character are fields of one key, their page, so that
-- those of a batch are read and written together.
local marks = {}

do
	-- Longer than a request may come again.
	local KEPT_MS = '15000'
	local SETTLED, LOST, DONE, NONE = 'settled', 'lost', 'done', ''
	-- By page: the answers by field; and those that are to be written: the page, then in turn a field and an answer.
	local known, noted = {}, {}

	-- Forgets what another script knew.
	function marks.start()
		known, noted = {}, {}
	end

	local function fieldOf(id)
		return string.sub(id, -1)
	end

	local function answersOf(page)
		local answers = known[page]
		if not answers then
			answers = {}
			local stored = redis.call('HGETALL', page)
			for index = 1, #stored, 2 do
				answers[stored[index]] = stored[index + 1]
			end
			known[page] = answers
		end
		return answers
	end

	-- nil when there is none.
	function marks.read(page, id)
		local answer = answersOf(page)[fieldOf(id)]
		return answer ~= NONE and answer or nil
	end

	function marks.note(page, id, answer)
		local field, list = fieldOf(id), noted[page]
		if not list then
			list = { page }
			noted[page] = list
		end
		list[#list + 1] = field
		list[#list + 1] = answer
		answersOf(page)[field] = answer
	end

	function marks.forget(page, id)
		marks.note(page, id, NONE)
	end

	-- Whether it says that a permit was settled.
	function marks.isEnd(answer)
		return answer == SETTLED or answer == LOST
	end

	function marks.noteEnd(page, id, isHeld)
		marks.note(page, id, isHeld and SETTLED or LOST)
	end

	-- What was answered when the permit was settled before: 1 held, 0 lost; else nil.
	function marks.ended(page, id)
		local answer = marks.read(page, id)
		return answer == SETTLED and 1 or answer == LOST and 0 or nil
	end

	-- Notes that a request was carried out. Returns false when it was before.
	function marks.noteDone(page, id)
		if marks.read(page, id) then
			return false
		end
		marks.note(page, id, DONE)
		return true
	end

	-- Writes all that was noted.
	function marks.write()
		for page, list in pairs(noted) do
			redis.call('HSET', unpack(list))
			redis.call('PEXPIRE', page, KEPT_MS)
		end
		marks.start()
	end
end
