/**
 * Run in a process of its own (`node --expose-gc`), so that nothing else is in its memory: sends a million calls of as
 * many keys through a store and prints the memory they took, in bytes, and how many keys are remembered.
 */
import { MemoryPolicyStore } from '../../../adapters/memory';
import { definePolicy, guard } from '../../../core/policies/define';
import type { PolicyKind } from '../../../core/ports';

const KEYS = 1_000_000;

const [kind, options, msPerCall] = process.argv.slice(2) as [PolicyKind, string, string];
let now = Date.UTC(2026, 0, 1);
let timers = 0;
const store = new MemoryPolicyStore({
	now: () => now,
	schedule() {
		timers++;
		return () => undefined;
	},
});
const policy = definePolicy(kind, 'policy', JSON.parse(options));
const gc = (globalThis as unknown as { gc(): void }).gc;
const used = () => {
	gc();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
};

const before = used();
for (let call = 0; call < KEYS; call++) {
	now += Number(msPerCall);
	const admission = store.admit({
		permitId: `permit-${call}`,
		guards: [guard(policy, `user-${call}`)],
		attempt: 1,
		leaseMs: 30_000,
	});
	if (admission.status !== 'granted') throw new Error(`Call ${call} was ${admission.status}`);
	store.settle(admission.permit, { kind: 'slow', latencyMs: 5 });
}
console.log(JSON.stringify({ bytes: used() - before, keys: store.size, timers }));
