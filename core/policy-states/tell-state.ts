import { isoTime } from '../iso-time';
import type { PolicySnapshot } from '../ports';

/** A state as whoever asks is told of it. */
export interface ToldState {
	readonly state: string;
	/** Of breakers that are not closed: since when, ISO 8601. */
	readonly since?: string;
	readonly figures: Record<string, number>;
}

export const tellState = ({
	state,
	since,
	figures,
}: Omit<PolicySnapshot, 'address'>): ToldState => ({
	state,
	...(since !== undefined && { since: isoTime(since) }),
	figures: { ...figures },
});
