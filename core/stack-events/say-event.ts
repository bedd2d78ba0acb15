import type { StackEvent } from './stack-event';

/** An event in a sentence, for people. */
export const sayEvent = ({ subject, before, after }: StackEvent): string =>
	`${subject.title.charAt(0).toUpperCase()}${subject.title.slice(1)} was ${before} and is ${after}`;
