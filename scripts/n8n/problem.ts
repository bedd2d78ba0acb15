/** Something that a person can put right: what is the matter, and what to do about it. */
export class Problem extends Error {
	readonly remedy: string;

	constructor(message: string, remedy: string) {
		super(message);
		this.name = 'Problem';
		this.remedy = remedy;
	}
}
