/**
 * Amounts per time segment over a moving window, kept in a few numbers. A segment's number is the time since the epoch
 * divided by the length of a segment, rounded down.
 *
 * Cells: [0] the number of the newest segment; [1] the sum of all amounts in the ring; [2] and on the ring itself, the
 * amount of each segment at its number modulo the ring's length. Amounts are in a unit of the policy's own, such as
 * calls. A segment that was never written counts as 0, because its place still belongs to an older one and is cleared
 * when the ring moves on.
 */
export const NEWEST = 0;
const TOTAL = 1;
const RING = 2;

/** Cells needed for a ring of `segments`. */
export const ringSize = (segments: number): number => segments + RING;

/** The ring's view of time: never behind the newest segment, so a clock set back changes nothing. */
export const currentSegment = (
	cells: Float64Array,
	offset: number,
	segmentMs: number,
	now: number,
): number => Math.max(Math.floor(now / segmentMs), cells[offset + NEWEST]!);

/** `segment % segments`, several times faster where segment numbers are too large for 32 bits. */
const placeOf = (segment: number, segments: number): number =>
	segment - Math.floor(segment / segments) * segments;

/** Amount noted for one segment, seen from segment `current`; 0 once it has left the window. */
export function amountOf(
	cells: Float64Array,
	offset: number,
	segments: number,
	segment: number,
): number {
	const newest = cells[offset + NEWEST]!;
	if (segment < 0 || segment > newest || segment <= newest - segments) return 0;
	return cells[offset + RING + placeOf(segment, segments)]!;
}

/** Sum over the window that ends with segment `current`. */
export function sumAt(
	cells: Float64Array,
	offset: number,
	segments: number,
	current: number,
): number {
	const newest = cells[offset + NEWEST]!;
	if (current - newest >= segments) return 0;
	let sum = cells[offset + TOTAL]!;
	for (let leaving = newest - segments + 1; leaving <= current - segments; leaving++)
		sum -= amountOf(cells, offset, segments, leaving);
	return sum;
}

/** Takes an amount out of a segment, as if it had never been added; what has left the ring stays as it is. */
export function removeAt(
	cells: Float64Array,
	offset: number,
	segments: number,
	segment: number,
	amount: number,
): void {
	const newest = cells[offset + NEWEST]!;
	if (segment > newest || segment <= newest - segments) return;
	cells[offset + TOTAL]! -= amount;
	cells[offset + RING + placeOf(segment, segments)]! -= amount;
}

/** Adds to segment `current`, clearing what the ring passes over. */
export function addAt(
	cells: Float64Array,
	offset: number,
	segments: number,
	current: number,
	amount: number,
): void {
	const passed = Math.min(current - cells[offset + NEWEST]!, segments);
	for (let step = 0; step < passed; step++) {
		const place = offset + RING + placeOf(current - step, segments);
		cells[offset + TOTAL]! -= cells[place]!;
		cells[place] = 0;
	}
	cells[offset + NEWEST] = current;
	cells[offset + TOTAL]! += amount;
	cells[offset + RING + placeOf(current, segments)]! += amount;
}
