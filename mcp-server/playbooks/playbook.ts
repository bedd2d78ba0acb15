/** One call of a tool, and what it is for. */
export interface PlaybookStep {
	readonly tool: string;
	/** Arguments. A text such as `<worker>` stands for what the user names, `<planId>` for what the plan before gave. */
	readonly given: Readonly<Record<string, unknown>>;
	/** What it is called for. */
	readonly why: string;
	/** What to expect of its answer, and what follows from it. */
	readonly expect: string;
}

/** What the user of a playbook may name. */
export type Subject = 'policy' | 'worker';

/** What an operator, or an assistant, does about a trouble, in order. */
export interface Playbook {
	/** In addresses and names of prompts: lower case with hyphens. */
	readonly name: string;
	readonly title: string;
	/** By what it is known. */
	readonly when: string;
	/** What the user may name, and what that is. */
	readonly subjects: Readonly<Partial<Record<Subject, string>>>;
	readonly steps: readonly PlaybookStep[];
	/** When it is over, and what is left to people. */
	readonly afterwards: string;
}
