import type { CancelTimer, Clock } from '../ports';

/**
 * A store that has not answered after so many turns counts as down: 80 ms, so that the verdict comes within 100. The
 * turns are taken one by one because a process that was at work on something else for long, or got no processor, must
 * see what has arrived meanwhile before it judges.
 */
const TURNS = 8;
const TURN_MS = 10;

/** What is longer takes longer on its way: one turn more for so many characters each, 65 Mbit/s. */
const CHARACTERS_A_TURN = 80 * 1024;

/**
 * What a store answers.
 * @param characters how long the request or its answer is, where that may be long.
 * @throws {Error} when it has not answered in time.
 */
export function inTime<T>(answer: Promise<T>, clock: Clock, characters = 0): Promise<T> {
	const most = TURNS + Math.floor(characters / CHARACTERS_A_TURN);
	return new Promise((resolve, reject) => {
		let cancelTimer: CancelTimer;
		const waitTurn = (turns: number): void => {
			cancelTimer = clock.schedule(() => {
				if (turns > 1) waitTurn(turns - 1);
				else reject(new Error(`No answer within ${most * TURN_MS} ms`));
			}, TURN_MS);
		};
		waitTurn(most);
		answer.then(resolve, reject).finally(() => cancelTimer());
	});
}
