import type { ItemParameters } from '../../../shared/item-parameters';

const ID = /^[\w-]{1,64}$/;

/** Ids of executions, parted by commas. @throws {NodeOperationError} where one is none. */
export function readExecutionIds(parameters: ItemParameters, name: string): string[] {
	const given = parameters.text(name, { maxLength: 50_000 });
	const ids = given.split(/[\s,]+/).filter(Boolean);
	const odd = ids.find((id) => !ID.test(id));
	if (odd === undefined) return [...new Set(ids)];
	throw parameters.invalid(name, odd, 'not the ID of an execution', 'Give it as n8n shows it');
}
