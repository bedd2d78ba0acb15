/** A request that a user may pick, with blanks to fill in. */
export interface PromptKind<Services> {
	/** Lower case with hyphens. */
	readonly name: string;
	readonly title: string;
	readonly description: string;
	/** None is required: what is left out stays a blank. */
	readonly blanks: Readonly<Record<string, PromptBlank<Services>>>;
	text(given: Readonly<Record<string, string | undefined>>): string;
}

export interface PromptBlank<Services> {
	readonly description: string;
	/** What it can be, by how it begins. */
	complete(begun: string, services: Services): Promise<readonly string[]>;
}
