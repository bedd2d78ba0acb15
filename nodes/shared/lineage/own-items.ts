import type { INodeExecutionData } from 'n8n-workflow';

import type { Internals } from '../internals';
import { HELD_OUTPUT } from '../ports';
import { passOn, type ItemPlace } from '../step-outputs';

/** Where an item stands in the step's own run data. */
export interface OwnPlace {
	readonly run: number;
	readonly output: number;
	readonly index: number;
}

/**
 * Items in a step's own run data, from where later runs of the step read them again: those that left through `Call`,
 * and those put on an output that no wire can reach. Each is stored once, however many runs it waits for.
 */
export class OwnItems {
	private readonly hidden: INodeExecutionData[] = [];

	constructor(
		private readonly internals: Internals,
		private readonly stepName: string,
	) {}

	/** Stores an item of this run. */
	keep(item: INodeExecutionData, place: ItemPlace): OwnPlace {
		const index = this.hidden.push(passOn(item, place)) - 1;
		return { run: this.internals.runIndex, output: HELD_OUTPUT, index };
	}

	/** An item of an earlier run. */
	at({ run, output, index }: OwnPlace): INodeExecutionData {
		const task = this.internals.runExecutionData.resultData.runData[this.stepName]![run]!;
		return task.data!.main![output]![index]!;
	}

	/** By which an item of an earlier run is followed when it leaves in this one. */
	placeOf({ run, output, index }: OwnPlace): ItemPlace {
		return {
			item: index,
			input: firstInput(this.internals),
			sourceOverwrite: {
				previousNode: this.stepName,
				previousNodeOutput: output,
				previousNodeRun: run,
			},
		};
	}

	/** The outputs of this run, together with what it stores. */
	outputsWith(outputs: INodeExecutionData[][]): INodeExecutionData[][] {
		if (this.hidden.length === 0) return outputs;
		const none = Array.from({ length: HELD_OUTPUT - outputs.length }, () => []);
		return [...outputs, ...none, this.hidden];
	}
}

/** n8n looks up a source by the number of its input before it takes the one that stands in for it. */
export const firstInput = ({ executeData }: Internals): number =>
	Math.max(0, executeData.source?.main?.findIndex(Boolean) ?? 0);
