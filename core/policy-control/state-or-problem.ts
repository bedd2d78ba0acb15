import { isOfOneState } from '../errors';
import { tellState, type ToldState } from '../policy-states';
import type { PolicyAddress, PolicyStore } from '../ports';

/**
 * A state of one of many policies, or why it cannot be read: the others can be all the same.
 * @returns neither where nothing is remembered.
 */
export async function stateOrProblem(
	store: Pick<PolicyStore, 'inspect'>,
	address: PolicyAddress,
): Promise<{ readonly told?: ToldState; readonly problem?: string }> {
	try {
		const found = await store.inspect(address);
		return found ? { told: tellState(found) } : {};
	} catch (error) {
		if (!isOfOneState(error)) throw error;
		return { problem: `${error.message}. ${error.remedy}.` };
	}
}
