import type { MemoryPolicyStore } from '../../adapters/memory';
import type { PolicyKind } from '../../core/ports';
import { services } from '../../nodes/shared/services';

let aheadMs = 0;

/** The clock of all steps in this test file, which can be set ahead. */
const clock = jest.spyOn(services.clock, 'now').mockImplementation(() => Date.now() + aheadMs);

/** Sets the steps' clock ahead; what sleeps does not notice. */
export function setAhead(ms: number): void {
	aheadMs += ms;
}

/** Sets the steps' clock to a moment, such as the end of a wait. */
export function setAheadTo(moment: Date): void {
	aheadMs = moment.getTime() - Date.now();
}

export function setBack(): void {
	aheadMs = 0;
}

afterAll(() => clock.mockRestore());

/** A figure of one policy's state, such as a bulkhead's `holders`; 0 when nothing is remembered. */
export async function figure(
	kind: PolicyKind,
	name: string,
	figureName: string,
	key = '',
): Promise<number> {
	const snapshot = await services.store.inspect({ kind, name, key });
	return snapshot?.figures[figureName] ?? 0;
}

export const holders = async (name: string, key = ''): Promise<number> =>
	await figure('bulkhead', name, 'holders', key);

export async function stateOf(name: string, key = ''): Promise<string | undefined> {
	return (await services.store.inspect({ kind: 'circuit-breaker', name, key }))?.state;
}

/** How many permits this process keeps alive. */
export const leasesKept = (): number => services.leases.size;

/** The same of runs of work that is done once. */
export const runLeasesKept = (): number => services.runLeases.size;

/** How many keys the store remembers. */
export const keysKept = (): number => (services.store as MemoryPolicyStore).size;
