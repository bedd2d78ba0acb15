-- The globals that scripts use, as locals of the same names. A library finds a global only by way of its own globals, which
-- are empty, and while it is loaded most are not there. lookUpGlobals finds them once for all, before anything else is done.
-- floor, max, min: those of `math`.
local function globals()
	return redis, math, string, table, struct, cmsgpack, cjson, unpack, pairs, ipairs, tonumber, type, pcall
end

local redis, math, string, table, struct, cmsgpack, cjson, unpack, pairs, ipairs, tonumber, type, pcall
local floor, max, min

local function lookUpGlobals()
	if not redis then
		redis, math, string, table, struct, cmsgpack, cjson, unpack, pairs, ipairs, tonumber, type, pcall = globals()
		floor, max, min = math.floor, math.max, math.min
	end
end
