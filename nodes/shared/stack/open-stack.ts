import type { IExecuteFunctions, ITriggerFunctions } from 'n8n-workflow';

import { systemClock } from '../../../adapters/system';
import type { BulwarkError } from '../../../core/errors';
import { asNodeError } from './as-node-error';
import { fileForNodes } from './file-for-nodes';
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
	const credentials = await credentialsOf(context, options);
	const settings = await readSettings(context, options, credentials, item);
	return stacks.use(JSON.stringify(settings), () => openStackOf(settings));
}

/** Ends all connections of this process, and its audit log; the next use opens them anew. */
export async function closeStacks(): Promise<void> {
	await Promise.all([stacks.closeAll(), closeAudit()]);
}

async function readSettings(
	context: StackContext,
	options: StackOptions,
	credentials: StackCredentials,
	item: number | undefined,
): Promise<NodeStackSettings> {
	try {
		const { database, databaseFile } = options;
		if (database !== 'sqlite') return stackSettingsOf(options, credentials);
		// What is opened is what was judged.
		const file = await fileForNodes(context, databaseFile.trim());
		return stackSettingsOf({ ...options, databaseFile: file }, credentials);
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
