import type { CancelTimer, Clock } from '../ports';

/**
 * A store that has not answered after so many turns counts as down: 80 ms, so that the verdict comes within 100. The
 * turns are taken one by one because a process that was at work on something else for long, or got no processor, must
 * see what has arrived meanwhile before it judges.
 */
const TURNS = 8;
const TURN_MS = 10;

/**
 * What a store answers.
 * @throws {Error} when it has not answered in time.
 */
export function inTime<T>(answer: Promise<T>, clock: Clock): Promise<T> {
	return new Promise((resolve, reject) => {
		let cancelTimer: CancelTimer;
		const waitTurn = (turns: number): void => {
			cancelTimer = clock.schedule(() => {
				if (turns > 1) waitTurn(turns - 1);
				else reject(new Error(`No answer within ${TURNS * TURN_MS} ms`));
			}, TURN_MS);
		};
		waitTurn(TURNS);
		answer.then(resolve, reject).finally(() => cancelTimer());
	});
}
