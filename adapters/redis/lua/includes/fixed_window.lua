-- A quota that is new at each full period; see core/policies/rate-limiter/fixed-window.ts.
-- Cells: [1] number of the window; [2] calls used in it.
local fixed_window = { size = 2 }

do
	local WINDOW, USED = 1, 2

	local function usedIn(cells, window)
		return cells[WINDOW] >= window and cells[USED] or 0
	end

	function fixed_window.judge(cells, options, weight)
		local window = floor(now / options.periodMs)
		if usedIn(cells, window) + weight <= options.limit then
			return 0
		end
		if weight > options.limit then
			return -1
		end
		return (max(window, cells[WINDOW]) + 1) * options.periodMs - now
	end

	function fixed_window.take(cells, options, weight)
		local window = floor(now / options.periodMs)
		cells[USED] = usedIn(cells, window) + weight
		cells[WINDOW] = max(window, cells[WINDOW])
	end

	function fixed_window.refund(cells, options, weight, takenAt)
		if cells[WINDOW] == floor(takenAt / options.periodMs) then
			cells[USED] = max(0, cells[USED] - weight)
		end
	end

	function fixed_window.idleAt(cells, options)
		return (cells[WINDOW] + 1) * options.periodMs
	end

	function fixed_window.inspect(cells, options)
		local used = usedIn(cells, floor(now / options.periodMs))
		return { limit = options.limit, remaining = max(0, options.limit - used) }
	end
end
limiters['fixed-window'] = fixed_window
