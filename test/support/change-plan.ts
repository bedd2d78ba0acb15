import { newUuid } from '../../adapters/system';
import type { ChangePlan } from '../../core/ports';

/** A plan with an id of its own. */
export const changePlan = (): ChangePlan => ({
	id: newUuid(),
	kind: 'test',
	effect: 'repairs',
	role: 'operator',
	summary: 'Puts "ünusual" things right',
	steps: [{ action: 'mark', subject: 'execution 1', reason: 'it is lost' }],
	madeBy: { name: 'alice', role: 'operator', via: 'token' },
	madeAt: 1,
	expiresAt: 2,
	stateDigest: 'digest',
	question: newUuid(),
	request: { ids: ['1'] },
});
