/** The most arrivals that any window [t, t + windowMs) holds. `arrivals` are ascending, in ms. */
export function busiestWindow(arrivals: readonly number[], windowMs: number): number {
	let busiest = 0;
	let oldest = 0;
	arrivals.forEach((arrival, newest) => {
		while (arrival - (arrivals[oldest] ?? arrival) >= windowMs) oldest += 1;
		busiest = Math.max(busiest, newest - oldest + 1);
	});
	return busiest;
}
