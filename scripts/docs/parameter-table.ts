import type {
	IDisplayOptions,
	INodeProperties,
	INodePropertyCollection,
	INodePropertyOptions,
	INodeTypeDescription,
} from 'n8n-workflow';

/** A node's parameters as Markdown: one table, with the contents of each collection below its name. */
export function parameterTable({ properties }: INodeTypeDescription): string {
	const rows = properties
		.filter(({ type }) => type !== 'notice')
		.flatMap((property) => rowsOf(property, properties));
	return ['| Parameter | What it does | Default |', '| --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(property: INodeProperties, root: INodeProperties[]): string[] {
	const { displayName, description, type } = property;
	const condition = conditionOf(property.displayOptions, root, root);
	if (type === 'collection') {
		const inner = property.options as INodeProperties[];
		const about = [description, condition].filter(Boolean).join('. ');
		return [
			row(`**${displayName}**`, about, ''),
			...inner.map((option) => innerRow(option, inner, root)),
		];
	}
	if (type === 'fixedCollection') {
		const groups = property.options as INodePropertyCollection[];
		return [
			row(`**${displayName}**`, sentences(description, condition), defaultOf(property)),
			...groups.flatMap(({ values }) => values.map((field) => innerRow(field, values, root))),
		];
	}
	return [
		row(displayName, sentences(description, choicesOf(property), condition), defaultOf(property)),
	];
}

const innerRow = (
	option: INodeProperties,
	siblings: INodeProperties[],
	root: INodeProperties[],
): string =>
	row(
		`› ${option.displayName}`,
		sentences(
			option.description,
			choicesOf(option),
			conditionOf(option.displayOptions, siblings, root),
		),
		defaultOf(option),
	);

const row = (...cells: string[]): string =>
	`| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;

const sentences = (...parts: Array<string | undefined>): string =>
	parts
		.filter((part): part is string => part !== undefined && part !== '')
		.map((part) => (part.endsWith('.') ? part : `${part}.`))
		.join(' ');

function choicesOf({ type, options }: INodeProperties): string | undefined {
	if (type !== 'options') return undefined;
	const names = (options as INodePropertyOptions[]).map(
		({ name, value }) => `${name} (\`${value}\`)`,
	);
	return `One of: ${names.join(', ')}`;
}

function conditionOf(
	{ show = {}, hide = {} }: IDisplayOptions = {},
	siblings: INodeProperties[],
	root: INodeProperties[],
): string | undefined {
	const words = (name: string, values: unknown): string => {
		const among = name.startsWith('/') ? root : siblings;
		const other = among.find((property) => property.name === name.replace('/', ''));
		const labels = (values as unknown[]).map((value) => labelOf(value, other));
		return `_${other?.displayName ?? name}_ is ${labels.join(' or ')}`;
	};
	const shown = Object.entries(show).map(([name, values]) => words(name, values));
	const hidden = Object.entries(hide).map(([name, values]) => words(name, values));
	if (shown.length > 0) return `Only when ${shown.join(' and ')}`;
	return hidden.length > 0 ? `Not when ${hidden.join(' or ')}` : undefined;
}

function labelOf(value: unknown, property: INodeProperties | undefined): string {
	if (typeof value === 'boolean') return value ? 'on' : 'off';
	const options = (property?.options ?? []) as INodePropertyOptions[];
	return options.find((option) => option.value === value)?.name ?? String(value);
}

function defaultOf(property: INodeProperties): string {
	const { type, default: value } = property;
	if (type === 'boolean') return value ? 'on' : 'off';
	if (type === 'options') return labelOf(value, property);
	if (value === '') return 'empty';
	if (typeof value === 'object' && Object.keys(value ?? {}).length === 0) return 'none';
	if (type === 'fixedCollection') return entriesOf(property);
	return typeof value === 'number' ? value.toLocaleString('en-US') : `\`${String(value)}\``;
}

/** Default entries of a fixed collection by the name of their type. */
function entriesOf({ default: value, options }: INodeProperties): string {
	const [group] = options as INodePropertyCollection[];
	const type = group?.values.find(({ name }) => name === 'type');
	const entries = (value as Record<string, Array<{ type?: string }>>)[group?.name ?? ''] ?? [];
	return entries.map((entry) => labelOf(entry.type, type)).join(', then ');
}
