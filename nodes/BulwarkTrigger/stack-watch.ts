import {
	ExecutionWatch,
	lookAround,
	PolicyWatch,
	type Look,
	type Sighting,
	type SubjectKind,
	type Trouble,
	type Watch,
	WorkerWatch,
} from '../../core/stack-events';
import type { Stack } from '../shared/stack';
import type { TriggerOptions } from './trigger-options';

/** Looks at what events of the chosen kinds follow from. */
export class StackWatch {
	private readonly watches: readonly Watch[];

	constructor(
		private readonly stack: Stack,
		private readonly kinds: readonly SubjectKind[],
		private readonly options: TriggerOptions,
		/** `once`: it is to tell by one look what else two looks tell. */
		looks: 'once' | 'again and again',
	) {
		const { policies, monitor, recovery, clock } = stack;
		const { ledger } = recovery;
		const scanning = { glance: async (signal?: AbortSignal) => await ledger.scan(signal) };
		const isPolicyWanted = kinds.includes('circuit-breaker') || kinds.includes('bulkhead');
		this.watches = [
			...(isPolicyWanted ? [new PolicyWatch(policies, clock)] : []),
			...(kinds.includes('worker') ? [new WorkerWatch(monitor)] : []),
			...(kinds.includes('execution')
				? [new ExecutionWatch(looks === 'once' ? scanning : ledger)]
				: []),
		];
	}

	/** Whether it looks at this stack: another credential leads to another one. */
	isOf(stack: Stack): boolean {
		return this.stack === stack;
	}

	/** @returns sightings of the chosen kinds, and of all sources. */
	async look(troubles: readonly Trouble[], signal: AbortSignal): Promise<Look> {
		const at = this.stack.clock.now();
		const look = await lookAround(this.watches, troubles, at, signal);
		const sightings = look.sightings.filter(
			({ kind }) => kind === 'source' || this.kinds.includes(kind),
		);
		return { ...look, sightings: sightings.map((sighting) => this.asTold(sighting)) };
	}

	private asTold(sighting: Sighting): Sighting {
		const isOpen = sighting.condition === 'half-open' && !this.options.tellHalfOpen;
		return isOpen ? { ...sighting, condition: 'open' } : sighting;
	}
}
