import { RedisPolicyRegistry, ScriptRunner, StateKeys } from '../../adapters/redis';
import { systemClock } from '../../adapters/system';
import type { OpenStore } from './open-store';

/** The registry of policies as a process with this connection has it. */
export const openRegistry = ({ connection }: OpenStore): RedisPolicyRegistry =>
	new RedisPolicyRegistry({
		connection,
		runner: new ScriptRunner(connection),
		keys: new StateKeys('bulwark:'),
		clock: systemClock,
	});
