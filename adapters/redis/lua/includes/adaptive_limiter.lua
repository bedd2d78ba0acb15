-- A limit that falls when the service refuses calls, and recovers; see core/policies/rate-limiter/adaptive.ts.
-- Cells, after those of the limiter itself: [1] when the limit last fell, in ms; [2] the thousandths of it that were
-- withheld then; [3] what calls have not taken yet, in thousandths of a call; [4] the longest recovery time it was used
-- with since, in ms: nobody must find it forgotten too early.
adaptive = { SIZE = 4 }

do
	local FALLEN_AT, WITHHELD, REMAINDER, LASTING = 1, 2, 3, 4
	local WHOLE = 1000

	-- Where its own cells begin.
	local function own(options)
		return options.limiter.size
	end

	local function withheldNow(cells, options)
		local at = own(options)
		local leftMs = min(options.recoveryMs, cells[at + FALLEN_AT] + options.recoveryMs - now)
		if leftMs <= 0 then
			return 0
		end
		return math.ceil(cells[at + WITHHELD] * leftMs / options.recoveryMs)
	end

	local function isRefusal(options, outcome)
		if outcome.throttled then
			return true
		end
		local longest = options.slowCallDurationThresholdMs
		return longest > 0
			and (outcome.kind == 'slow' or (outcome.kind ~= 'ignored' and outcome.latencyMs >= longest))
	end

	-- For whoever uses it.
	function adaptive.recoveredAt(cells, options)
		local at = own(options)
		local lastingMs = max(cells[at + LASTING], options.recoveryMs)
		return cells[at + WITHHELD] > 0 and cells[at + FALLEN_AT] + lastingMs or 0
	end

	function adaptive.noteUse(cells, options)
		local at = own(options)
		cells[at + LASTING] = max(cells[at + LASTING], options.recoveryMs)
	end

	-- Returns what a call takes, in whole calls, and its token, which is 0 when the limit is whole: twice its weight in
	-- thousandths, and 1 more where it drew one more whole call than that for what was left over.
	function adaptive.weightNow(cells, options, weight)
		local withheld = withheldNow(cells, options)
		if withheld == 0 then
			return weight, 0
		end
		local at = own(options)
		local thousandths = math.ceil(weight * WHOLE * WHOLE / (WHOLE - withheld))
		local owed = cells[at + REMAINDER] + thousandths
		local drawn = floor(owed / WHOLE)
		cells[at + REMAINDER] = owed - drawn * WHOLE
		return drawn, 2 * thousandths + drawn - floor(thousandths / WHOLE)
	end

	-- Puts back what a call weighed, in whole calls: never more than it drew, whatever others have put back since.
	function adaptive.putBack(cells, options, token, takenAt)
		local at = own(options)
		local thousandths = floor(token / 2)
		local whole = floor(thousandths / WHOLE)
		if cells[at + FALLEN_AT] > takenAt then
			return whole
		end
		local owed = cells[at + REMAINDER] - thousandths
		local back = min(whole + token % 2, max(0, math.ceil(-owed / WHOLE)))
		cells[at + REMAINDER] = max(0, owed + back * WHOLE)
		return back
	end

	-- Returns whether the limit fell: it does not while it has only just done so.
	function adaptive.learn(cells, options, outcome)
		local at = own(options)
		if not isRefusal(options, outcome) or now < cells[at + FALLEN_AT] + options.backoffIntervalMs then
			return false
		end
		local withheld = withheldNow(cells, options)
		if withheld == 0 then
			cells[at + REMAINDER] = 0
		end
		local share = WHOLE - withheld
		local fallen = floor(share * options.backoffRatio / 100)
		local lowest = min(share, options.minimumLimit * WHOLE / 100)
		cells[at + WITHHELD] = WHOLE - max(fallen, lowest)
		cells[at + FALLEN_AT] = now
		return true
	end

	-- Calls that a period lets through, which may be less than one at a steady rate.
	local function effectiveLimit(options, wanted)
		return options.algorithm == 'gcra' and wanted or max(1, floor(wanted))
	end

	function adaptive.inspect(cells, options, figures)
		local share = WHOLE - withheldNow(cells, options)
		return {
			limit = figures.limit,
			effectiveLimit = effectiveLimit(options, figures.limit * share / WHOLE),
			remaining = math.ceil(figures.remaining * share / WHOLE),
		}
	end
end
