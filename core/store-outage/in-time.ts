import type { CancelTimer, Clock } from '../ports';

/** A store that has not answered after this long keeps nobody waiting any more, in ms: so the verdict comes within 100. */
export const PATIENCE_MS = 80;

/**
 * Time is taken in turns of so many ms, because a process that was at work on something else for long, or got no
 * processor, must see what has arrived meanwhile before it judges.
 */
const TURN_MS = 10;

/** What is longer takes longer on its way: one turn more for so many characters each, 65 Mbit/s. */
const CHARACTERS_A_TURN = 80 * 1024;

/** How long an answer is waited for, in ms, where it or the request has so many characters. */
export const patienceFor = (characters: number): number =>
	PATIENCE_MS + Math.floor(characters / CHARACTERS_A_TURN) * TURN_MS;

/** A store did not answer in time. It may have done what it was asked, and may still answer. */
export class OverdueError extends Error {
	constructor(
		/** How long it was waited for, in ms. */
		readonly afterMs: number,
	) {
		super(`No answer within ${afterMs} ms`);
	}
}

/**
 * What a store answers.
 * @throws {OverdueError} when it has not answered in time.
 */
export function inTime<T>(
	answer: Promise<T>,
	clock: Clock,
	patienceMs: number = PATIENCE_MS,
): Promise<T> {
	return new Promise((resolve, reject) => {
		let cancelTimer: CancelTimer;
		const waitTurn = (turns: number): void => {
			cancelTimer = clock.schedule(() => {
				if (turns > 1) waitTurn(turns - 1);
				else reject(new OverdueError(patienceMs));
			}, TURN_MS);
		};
		waitTurn(patienceMs / TURN_MS);
		answer.then(resolve, reject).finally(() => cancelTimer());
	});
}
