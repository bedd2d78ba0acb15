/** How another clock was found to go, compared with ours. */
export interface ClockOffset {
	/** Ms by which it is ahead; less than 0 where it is behind. */
	readonly aheadMs: number;
	/** It may be ahead by so much more or less, in ms. */
	readonly withinMs: number;
}
