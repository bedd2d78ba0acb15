-- undo(guard, permitId, token, takenAt): gives back what a call took that was not made, as far as it still counts.
local undo

do
	local NOT_MADE = { kind = 'ignored', latencyMs = 0 }

	function undo(guard, permitId, token, takenAt)
		local machine = guard.machine
		if machine.refund then
			machine.refund(guard, token, takenAt)
		else
			machine.settle(guard, NOT_MADE, permitId, token)
		end
	end
end
