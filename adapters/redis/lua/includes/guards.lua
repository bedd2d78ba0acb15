-- The guards of a call, each with its machine, its keys and its state.
-- In: keys from `firstKey` on, as many a guard as its machine has; args from `firstArg` on, a guard's `width` values:
-- kind, options as JSON, then those that the command names.
local machines = {}
local readGuards

do
	-- Options by their JSON: the same few come again and again.
	local MOST_KNOWN = 1000
	local knownOptions, knownCount = {}, 0

	local function optionsOf(json)
		local options = knownOptions[json]
		if not options then
			if knownCount == MOST_KNOWN then
				knownOptions, knownCount = {}, 0
			end
			options = cjson.decode(json)
			knownOptions[json] = options
			knownCount = knownCount + 1
		end
		return options
	end

	function readGuards(keys, args, firstKey, firstArg, width)
		local guards = {}
		for first = firstArg, #args, width do
			local machine = machines[args[first]]
			local guard = {
				machine = machine,
				options = optionsOf(args[first + 1]),
				keys = { unpack(keys, firstKey, firstKey + machine.keys - 1) },
				first = first + 2,
			}
			firstKey = firstKey + machine.keys
			-- Two guards of a call may share a state.
			for _, other in ipairs(guards) do
				if other.keys[1] == guard.keys[1] then
					guard.state = other.state
				end
			end
			guard.state = guard.state or machine.load(guard.keys, guard.options)
			guards[#guards + 1] = guard
		end
		return guards
	end
end
