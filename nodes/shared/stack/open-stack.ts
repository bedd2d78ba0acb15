import type { IExecuteFunctions, ITriggerFunctions } from 'n8n-workflow';

import { systemClock } from '../../../adapters/system';
import { type BulwarkError, InvalidOptionError } from '../../../core/errors';
import { showValue } from '../../../core/options';
import { asNodeError } from './as-node-error';
import { OpenStacks } from './open-stacks';
import { openStackOf, type Stack } from './stack';
import type { StackOptions } from './stack-options';
import {
	stackSettingsOf,
	type NodeStackSettings,
	type StackCredentials,
} from './stack-settings-of';
import { closeAudit } from './workflow-audit';

type StackContext = IExecuteFunctions | ITriggerFunctions;

/** Nodes that name the same credentials share their connections. */
const stacks = new OpenStacks<Stack>(systemClock.now);

/**
 * The stack as a node's parameters and credentials name it.
 * @param item for which it is asked; errors name it.
 * @throws {NodeOperationError} when they cannot be used.
 */
export async function openStack(
	context: StackContext,
	options: StackOptions,
	item?: number,
): Promise<Stack> {
	if (options.database === 'sqlite') await checkFile(context, options.databaseFile.trim(), item);
	const credentials = await credentialsOf(context, options);
	const settings = readSettings(context, options, credentials, item);
	return stacks.use(JSON.stringify(settings), () => openStackOf(settings));
}

/** Ends all connections of this process, and its audit log; the next use opens them anew. */
export async function closeStacks(): Promise<void> {
	await Promise.all([stacks.closeAll(), closeAudit()]);
}

function readSettings(
	context: StackContext,
	options: StackOptions,
	credentials: StackCredentials,
	item: number | undefined,
): NodeStackSettings {
	try {
		return stackSettingsOf(options, credentials);
	} catch (error) {
		throw asNodeError(context.getNode(), error as BulwarkError, item);
	}
}

async function credentialsOf(
	context: StackContext,
	{ state, database, api }: StackOptions,
): Promise<StackCredentials> {
	const names = [state, database, api].filter(
		(name) => name !== 'process' && name !== 'none' && name !== 'sqlite',
	);
	const entries = names.map(async (name) => [name, await context.getCredentials(name)] as const);
	return Object.fromEntries(await Promise.all(entries));
}

/** The database holds what n8n shows to nobody, so its file is not for nodes unless the operator says so. */
async function checkFile(
	context: StackContext,
	file: string,
	item: number | undefined,
): Promise<void> {
	const { helpers } = context;
	const invalid = (problem: string, remedy: string) => {
		const error = new InvalidOptionError('Database File', showValue(file), problem, remedy);
		return asNodeError(context.getNode(), error, item);
	};
	if (file === '') throw invalid('empty', "Give the path of n8n's database");
	// A trigger is not given n8n's own judgement.
	const isBlocked =
		'isFilePathBlocked' in helpers
			? helpers.isFilePathBlocked(await helpers.resolvePath(file))
			: process.env.N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES !== 'false';
	if (isBlocked)
		throw invalid(
			'a file that n8n keeps nodes away from',
			"Let n8n's operator set N8N_BLOCK_FILE_ACCESS_TO_N8N_FILES=false, or use the MCP server",
		);
}
