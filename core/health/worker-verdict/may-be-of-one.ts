import type { WorkerStatus } from '../../ports/stack';

/** By what answers of workers are told apart. */
export type AnswerMarks = Pick<
	WorkerStatus,
	'hostId' | 'pool' | 'processId' | 'startedAt' | 'addresses'
>;

/** An answer tells when its process began, later by as long as it took to arrive. In ms. */
export const LONGEST_ON_ITS_WAY_MS = 2_000;

/** How far two answers are apart in when their processes began, in ms. */
export const startsApart = (
	one: Pick<AnswerMarks, 'startedAt'>,
	other: Pick<AnswerMarks, 'startedAt'>,
): number => Math.abs(one.startedAt - other.startedAt);

/**
 * Whether two answers may be of one worker: by its process where both tell it, else by when it began and from where it
 * answers.
 */
export const mayBeOfOne = (one: AnswerMarks, other: AnswerMarks): boolean =>
	one.hostId === other.hostId &&
	one.pool === other.pool &&
	(one.processId !== undefined && other.processId !== undefined
		? one.processId === other.processId
		: startsApart(one, other) <= LONGEST_ON_ITS_WAY_MS &&
			String(one.addresses) === String(other.addresses));
