import type {
	IExecuteFunctions,
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	Workflow,
} from 'n8n-workflow';

const known = new WeakMap<INodeProperties[], ReadonlyMap<string, string>>();

/** What users know a parameter as, by its path (`options.policyName`); `unknown` where the node has no such path. */
export function titleOf(context: IExecuteFunctions, path: string, unknown = path): string {
	const { workflow } = context as IExecuteFunctions & { workflow?: Workflow };
	const { type, typeVersion } = context.getNode();
	const properties = workflow?.nodeTypes.getByNameAndVersion(type, typeVersion)?.description
		.properties;
	const titles = properties && titlesOf(properties);
	return titles?.get(path) ?? titles?.get(`options.${path}`) ?? unknown;
}

function titlesOf(properties: INodeProperties[]): ReadonlyMap<string, string> {
	let titles = known.get(properties);
	if (!titles) {
		titles = new Map(pathsAndTitles(properties, ''));
		known.set(properties, titles);
	}
	return titles;
}

type Nested = INodeProperties | INodePropertyCollection | INodePropertyOptions;

function pathsAndTitles(properties: readonly Nested[], prefix: string): Array<[string, string]> {
	return properties.flatMap((property): Array<[string, string]> => {
		// The values of a choice are no parameters.
		if (!('displayName' in property)) return [];
		const path = prefix + property.name;
		const nested = 'values' in property ? property.values : property.options;
		return [[path, property.displayName], ...pathsAndTitles(nested ?? [], `${path}.`)];
	});
}
