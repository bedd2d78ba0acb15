/**
 * Run in a process of its own (`node --expose-gc`), so that nothing else is in its memory: sends many calls, each of
 * another key or under another name, through a store and prints the memory they took, in bytes, and what is remembered.
 */
import { MemoryPolicyStore } from '../../../adapters/memory';
import { definePolicy, guard } from '../../../core/policies/define';
import type { PolicyKind } from '../../../core/ports';

export interface Filling {
	readonly kind: PolicyKind;
	readonly options: Readonly<Record<string, unknown>>;
	readonly calls: number;
	/** Whether it is the names that differ, and not the keys. */
	readonly named?: boolean;
	/** Of the keys, or of the names, at least. */
	readonly length?: number;
	/** Whether they are cut out of a larger text. */
	readonly cut?: boolean;
	/** How much time passes from one call to the next. */
	readonly msPerCall?: number;
}

export interface Filled {
	readonly bytes: number;
	readonly keys: number;
	readonly policies: number;
	readonly timers: number;
}

const filling = JSON.parse(process.argv[2]!) as Filling;
const { kind, options, calls, named = false, length = 0, cut = false, msPerCall = 0 } = filling;
let now = Date.UTC(2026, 0, 1);
let timers = 0;
const store = new MemoryPolicyStore({
	now: () => now,
	schedule() {
		timers++;
		return () => undefined;
	},
});
const gc = (globalThis as unknown as { gc(): void }).gc;
const used = () => {
	gc();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
};

function textOf(call: number): string {
	const text = `user-${call}`.padEnd(length, 'x');
	return cut ? Buffer.from(text.padEnd(10_000)).toString().slice(0, text.length) : text;
}

const policy = definePolicy(kind, 'policy', options);
const before = used();
for (let call = 0; call < calls; call++) {
	now += msPerCall;
	const text = textOf(call);
	const admission = store.admit({
		permitId: `permit-${call}`,
		guards: [named ? guard(definePolicy(kind, text, options)) : guard(policy, text)],
		attempt: 1,
		leaseMs: 30_000,
	});
	if (admission.status !== 'granted') throw new Error(`Call ${call} was ${admission.status}`);
	store.settle(admission.permit, { kind: 'slow', latencyMs: 5 });
}
const bytes = used() - before;
const filled: Filled = { bytes, keys: store.size, policies: store.policyCount, timers };
console.log(JSON.stringify(filled));
