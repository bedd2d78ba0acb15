import { defineNode, keep } from './define-node';

/** Every run stops until it is let go (or the execution is stopped), so that tests need not guess how long it takes. */
export function gated() {
	const waiting: Array<() => void> = [];
	const arrivals: Array<() => void> = [];
	const state = { entered: 0 };
	const type = defineNode('gated', async function (items) {
		state.entered++;
		arrivals.splice(0).forEach((arrived) => arrived());
		await new Promise<void>((resolve) => {
			waiting.push(resolve);
			this.getExecutionCancelSignal()?.addEventListener('abort', () => resolve());
		});
		return [items.map(keep)];
	});
	return {
		type,
		state,
		/** Resolves once so many runs have begun. */
		async entered(count = 1): Promise<void> {
			while (state.entered < count) await new Promise<void>((resolve) => arrivals.push(resolve));
		},
		/** Lets the runs under way go on. */
		release(): void {
			waiting.splice(0).forEach((go) => go());
		},
	};
}
