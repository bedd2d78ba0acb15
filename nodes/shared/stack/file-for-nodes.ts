import { realpath } from 'node:fs/promises';
import path from 'node:path';

import type { IExecuteFunctions, ITriggerFunctions, ResolvedFilePath } from 'n8n-workflow';

import { InvalidOptionError } from '../../../core/errors';
import { showValue } from '../../../core/options';
import { barsToFile } from './bars-to-file';

const EACH_BAR = [
	'N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES=false',
	'N8N_RESTRICT_FILE_ACCESS_TO to a list with this file',
];

/**
 * The SQLite file of n8n, which holds what n8n shows to nobody: it is for nodes only where n8n's operator lets them.
 * @returns it without symbolic links.
 * @throws {InvalidOptionError} that names all settings which keep nodes away from it.
 */
export async function fileForNodes(
	{ helpers }: IExecuteFunctions | ITriggerFunctions,
	file: string,
): Promise<string> {
	const invalid = (problem: string, remedy: string) =>
		new InvalidOptionError('Database File', showValue(file), problem, remedy);
	if (file === '') throw invalid('empty', "Give the path of n8n's database");
	const resolved = await resolve(file);
	const bars = barsToFile(resolved, process.env);
	// A trigger is not given n8n's own judgement.
	const isBarred =
		'isFilePathBlocked' in helpers
			? helpers.isFilePathBlocked(resolved as ResolvedFilePath)
			: bars.length > 0;
	if (!isBarred) return resolved;
	const toSet = bars.length > 0 ? bars : EACH_BAR;
	const names = toSet.map((bar) => bar.split(/[= ]/)[0]);
	throw invalid(
		`a file that n8n keeps nodes away from by ${names.join(' and ')}`,
		`Let n8n's operator set ${toSet.join(' and ')} and start n8n again, or use the MCP server`,
	);
}

/** Of a file that is not there its folder is resolved, as n8n does it. */
async function resolve(file: string): Promise<string> {
	return await realpath(file).catch(
		async () =>
			await realpath(path.dirname(file)).then(
				(folder) => path.join(folder, path.basename(file)),
				() => path.resolve(file),
			),
	);
}
