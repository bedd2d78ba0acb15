/** One kind of resources, all of which have addresses of one form. */
export interface ResourceKind<Services> {
	readonly name: string;
	readonly title: string;
	readonly description: string;
	/** Such as `bulwark://playbooks/{name}` (RFC 6570). Names in it are percent-encoded. */
	readonly uriTemplate: string;
	readonly mimeType: 'text/markdown' | 'application/json';
	/** Those that are worth naming. None where there may be any number: a tool lists those page by page. */
	list?(): ReadonlyArray<{
		readonly variables: Variables;
		readonly title: string;
		readonly description: string;
	}>;
	/** What a variable can be, by its name. */
	readonly complete: Readonly<
		Record<
			string,
			(begun: string, others: Variables, services: Services) => Promise<readonly string[]>
		>
	>;
	/** The text of one. Undefined where there is none. */
	read(variables: Variables, services: Services): Promise<string | undefined>;
}

export type Variables = Readonly<Record<string, string>>;
