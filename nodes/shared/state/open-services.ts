import { NodeOperationError, type IExecuteFunctions } from 'n8n-workflow';

import { onTermination } from '../../../adapters/system';
import type { BulwarkError } from '../../../core/errors';
import { readParameters } from '../parameters';
import { services, type Services } from '../services';
import type { Step } from '../step';
import { redisSettingsOf } from '../../../adapters/redis';
import { RedisState } from './redis-state';
import { stateOptionsOf } from './state-options';

/** By what the credentials say: steps with the same Redis share its connections, whoever set them up. */
const known = new Map<string, RedisState>();

let stopListening: (() => void) | undefined;

/**
 * What a step works with, by where the user wants its state to be.
 * @throws {NodeOperationError} when the credential cannot be used.
 */
export async function openServices(
	context: IExecuteFunctions,
	{ whenRedisIsDown }: Pick<Step, 'whenRedisIsDown'> = {},
): Promise<Services> {
	const options = readParameters(context, 0).options(stateOptionsOf(whenRedisIsDown));
	if (options.state === 'process') return services;
	const credential = await context.getCredentials(options.state);
	return await stateOf(context, credential).open(options.whenRedisIsDown);
}

function stateOf(context: IExecuteFunctions, credential: object): RedisState {
	try {
		const settings = redisSettingsOf(credential as Record<string, unknown>);
		const id = JSON.stringify(settings);
		const found: RedisState =
			known.get(id) ?? new RedisState(settings, () => known.get(id) === found && known.delete(id));
		known.set(id, found);
		stopListening ??= onTermination(retire);
		return found;
	} catch (error) {
		const { message, remedy } = error as BulwarkError;
		throw new NodeOperationError(
			context.getNode(),
			`The Redis credential cannot be used: ${message}`,
			{
				description: remedy,
			},
		);
	}
}

async function retire(): Promise<void> {
	await Promise.all([...known.values()].map((state) => state.retire()));
}

/** Ends all connections of this process; the next use makes new ones. */
export async function closeServices(): Promise<void> {
	const states = [...known.values()];
	known.clear();
	stopListening?.();
	stopListening = undefined;
	await Promise.all(states.map((state) => state.close()));
}
