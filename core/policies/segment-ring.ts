/**
 * Amounts per time segment over a moving window, kept in a few numbers: cell 0 holds the number of the newest
 * segment, the others a ring of amounts by segment number modulo the ring's length. A segment that was never
 * written counts as 0 because its place still belongs to an older one and is cleared when the ring moves on.
 */
export const NEWEST = 0;
const RING = 1;

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
	const oldest = Math.max(0, current - segments + 1);
	let sum = 0;
	let place = placeOf(oldest, segments);
	for (let segment = oldest; segment <= newest; segment++) {
		sum += cells[offset + RING + place]!;
		place = place + 1 === segments ? 0 : place + 1;
	}
	return sum;
}

/** Adds to segment `current`, clearing what the ring passes over. */
export function addAt(
	cells: Float64Array,
	offset: number,
	segments: number,
	current: number,
	amount: number,
): void {
	const newest = cells[offset + NEWEST]!;
	const passed = Math.min(current - newest, segments);
	for (let step = 0; step < passed; step++)
		cells[offset + RING + placeOf(current - step, segments)] = 0;
	cells[offset + NEWEST] = current;
	cells[offset + RING + placeOf(current, segments)]! += amount;
}
