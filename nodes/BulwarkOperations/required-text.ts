import type { ItemParameters } from '../shared/item-parameters';

/** A text that an operation cannot do without. @param what it names, such as `a worker` @throws {NodeOperationError} */
export function requiredText(
	parameters: ItemParameters,
	name: string,
	what: string,
	remedy: string,
): string {
	const text = parameters.text(name, { remedy }).trim();
	if (text !== '') return text;
	throw parameters.invalid(name, text, `${what} is needed`, remedy);
}
