-- The guards of a call, each with its machine, its keys and its state.
-- In: keys from `firstKey` on, as many a guard as its machine has; args from `firstArg` on, a guard's `width` values:
-- its policy (its kind and its machine's options, as JSON), then those that the command names.
--
-- A machine has: keys (how many); load(keys, options): the state; judge(guard, request): as in core/policies/machine.ts;
-- take(guard, request): takes the call into the state and returns a token; save(guard, request): keeps what take made
-- of the state; settle(guard, outcome, permitId, token): whether it was held; inspect(guard): state and figures.
-- Some have prepare(options): works out once what follows from the options; isLeased(guard); isFirm(guard):
-- whether a rejection lasts however other calls end; join(guard, request): how
-- many are ahead in its queue, or -1; withdraw(guard, permitId); extend(guard, permitId, token, leaseUntil);
-- refund(guard, token, takenAt), where settling does not give back all that a call took.
local machines = {}
local readGuards

do
	-- Policies by their JSON: the same few come again and again.
	local MOST_KNOWN = 1000
	local knownPolicies, knownCount = {}, 0

	local function policyOf(json)
		local policy = knownPolicies[json]
		if policy then
			return policy
		end
		if knownCount == MOST_KNOWN then
			knownPolicies, knownCount = {}, 0
		end
		local options = cjson.decode(json)
		policy = { options = options, machine = machines[options.kind] }
		if policy.machine.prepare then
			policy.machine.prepare(options)
		end
		knownPolicies[json] = policy
		knownCount = knownCount + 1
		return policy
	end

	-- Two guards of a call may share a state.
	local function stateAmong(guards, key)
		for index = 1, #guards do
			if guards[index].keys[1] == key then
				return guards[index].state
			end
		end
	end

	function readGuards(keys, args, firstKey, firstArg, width)
		local guards = {}
		for first = firstArg, #args, width do
			local policy = policyOf(args[first])
			local machine, options = policy.machine, policy.options
			local own = { unpack(keys, firstKey, firstKey + machine.keys - 1) }
			guards[#guards + 1] = {
				machine = machine,
				options = options,
				keys = own,
				first = first + 1,
				state = stateAmong(guards, own[1]) or machine.load(own, options),
			}
			firstKey = firstKey + machine.keys
		end
		return guards
	end
end
