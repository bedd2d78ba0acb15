/** Makes that many calls, so many of them at a time; resolves with what each gave, in order. */
export async function callMany<T>(
	calls: number,
	inFlight: number,
	call: (index: number) => Promise<T>,
): Promise<T[]> {
	const answers: T[] = [];
	let next = 0;
	const lane = async () => {
		for (let index = next++; index < calls; index = next++) answers[index] = await call(index);
	};
	await Promise.all(Array.from({ length: Math.min(inFlight, calls) }, lane));
	return answers;
}
