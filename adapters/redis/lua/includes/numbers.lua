-- numbersIn(text): the numbers that a text lists. One argument costs less than several, and the same few texts come
-- again and again.
local numbersIn

do
	local MOST_KNOWN = 1000
	local known, knownCount = {}, 0

	function numbersIn(text)
		local numbers = known[text]
		if numbers then
			return numbers
		end
		if knownCount == MOST_KNOWN then
			known, knownCount = {}, 0
		end
		numbers = {}
		for number in string.gmatch(text, '%S+') do
			numbers[#numbers + 1] = tonumber(number)
		end
		known[text] = numbers
		knownCount = knownCount + 1
		return numbers
	end
end
