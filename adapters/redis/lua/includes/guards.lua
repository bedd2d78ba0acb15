-- Calls: what is asked, apart from what differs from one request to the next. As a text, so that it is read only once:
--   the name of a request and its terms, with blanks between them
--   then on a line for each guard: its weight, its priority, and its policy (kind and its machine's options) as JSON
-- A request has: keys and args, how many it brings of its own; guardArgs, how many args for each guard; run(call, keys, key,
-- args, arg): carries it out, with its own keys from `key` on and then those of the guards, its own args from `arg` on and
-- then those of the guards; and where it has terms prepare(call, terms): keeps them in the call.
--
-- A machine has: keys (how many); load(keys, options): the state; judge(guard, call): as in core/policies/machine.ts;
-- take(guard, call): takes the call into the state and returns a token; save(guard, call): keeps what take made
-- of the state; settle(guard, outcome, permitId, token): whether it was held; inspect(guard): state and figures.
-- Some have prepare(options): works out once what follows from the options; isLeased(guard); isFirm(guard):
-- whether a rejection lasts however other calls end; join(guard, call): how
-- many are ahead in its queue, or -1; withdraw(guard, permitId); extend(guard, permitId, token, leaseUntil);
-- refund(guard, token, takenAt), where settling does not give back all that a call took; release(guard, permitId): gives
-- back what a call holds, or its place in a queue, when nobody knows its token.
local requests, machines = {}, {}
local callOf, openGuards

do
	local MOST_KNOWN = 1000

	-- Keeps what `make` makes of a text, because the same few texts come again and again.
	local function remembering(make)
		local known, count = {}, 0
		return function(text)
			local made = known[text]
			if not made then
				if count == MOST_KNOWN then
					known, count = {}, 0
				end
				made = make(text)
				known[text], count = made, count + 1
			end
			return made
		end
	end

	local policyOf = remembering(function(json)
		local options = cjson.decode(json)
		local policy = { options = options, machine = machines[options.kind] }
		if policy.machine.prepare then
			policy.machine.prepare(options)
		end
		return policy
	end)

	local function guardOf(line)
		local weight, priority, json = string.match(line, '^(%S+) (%S+) (.*)$')
		local policy = policyOf(json)
		return {
			machine = policy.machine,
			options = policy.options,
			weight = tonumber(weight),
			priority = tonumber(priority),
			keys = {},
		}
	end

	callOf = remembering(function(text)
		local lines, terms = string.gmatch(text, '[^\n]+'), {}
		for term in string.gmatch(lines(), '%S+') do
			terms[#terms + 1] = term
		end
		local request = requests[table.remove(terms, 1)]
		local call = { run = request.run, guards = {} }
		call.keys, call.args = request.keys, request.args
		for line in lines do
			local guard = guardOf(line)
			call.guards[#call.guards + 1] = guard
			call.keys = call.keys + guard.machine.keys
			call.args = call.args + request.guardArgs
		end
		if request.prepare then
			request.prepare(call, terms)
		end
		return call
	end)

	-- The guards of a call with their keys, of which `first` is the first, and states. They are the call's own, for as long as
	-- one request is carried out: making new ones would cost more than most of what is done with them.
	function openGuards(call, keys, first)
		local guards = call.guards
		for index = 1, #guards do
			local guard = guards[index]
			local machine, own = guard.machine, guard.keys
			for each = 1, machine.keys do
				own[each] = keys[first]
				first = first + 1
			end
			guard.state = machine.load(own, guard.options)
		end
		return guards
	end
end
