import type { StackEvent } from './stack-event';

/** An event in a sentence, for people. */
export const sayEvent = (event: StackEvent): string => {
	const { subject, before } = event;
	const title = `${subject.title.charAt(0).toUpperCase()}${subject.title.slice(1)}`;
	return `${title} was ${before} and ${becameOf(event)}`;
};

/** A worker that has ended is no zombie any more, and is not well either. */
function becameOf({ subject: { kind }, after, evidence }: StackEvent): string {
	if (kind === 'worker' && evidence.process === 'ended') return 'has ended';
	if (kind === 'worker' && evidence.isSeen === false) return 'is not seen any more';
	return `is ${after}`;
}
