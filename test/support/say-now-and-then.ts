/** Long steps of a test run are worth a line; the same line twice is not, nor one a second. */
export function sayNowAndThen(what: string): (text: string) => void {
	let saidAt = 0;
	return (text) => {
		if (Date.now() - saidAt < 10_000) return;
		saidAt = Date.now();
		process.stderr.write(`${what}: ${text}\n`);
	};
}
