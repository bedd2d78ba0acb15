import type { WorkerStatus } from '../../../core/ports/stack';

/** An answer, and whose it may be by when processes started. */
export interface SeenAnswer {
	readonly status: WorkerStatus;
	readonly candidates: readonly Candidate[];
}

export interface Candidate {
	readonly processId: number;
	/** Whether it had as much memory as the answer says, to the page, when the answer came. */
	readonly hasSameMemory: boolean;
}

/** Says of each answer which process it came from, where only one can have sent it. */
export function matchProcesses(answers: readonly SeenAnswer[]): readonly WorkerStatus[] {
	const processOf = new Map<SeenAnswer, number>();
	let open = answers;
	const settle = (candidatesOf: (answer: SeenAnswer) => readonly Candidate[]): boolean => {
		const settled = new Set(processOf.values());
		const left = open.map((answer) => ({
			answer,
			ids: candidatesOf(answer)
				.map(({ processId }) => processId)
				.filter((id) => !settled.has(id)),
		}));
		const claims = (id: number) => left.filter(({ ids }) => ids.includes(id)).length;
		const certain = left.filter(({ ids }) => ids.length === 1 && claims(ids[0]!) === 1);
		for (const { answer, ids } of certain) processOf.set(answer, ids[0]!);
		open = open.filter((answer) => !processOf.has(answer));
		return certain.length > 0;
	};
	settle(({ candidates }) => candidates.filter(({ hasSameMemory }) => hasSameMemory));
	while (settle(({ candidates }) => candidates));
	return answers.map((answer) => {
		const processId = processOf.get(answer);
		return processId === undefined ? answer.status : { ...answer.status, processId };
	});
}
