import type { FullConfig } from '../config/read-config';
import type { OpenServices } from '../open-services';
import { runCheck } from './check';
import { clockChecks } from './clock-checks';
import { defaultChecks } from './default-checks';
import type { Finding } from './finding';
import { n8nChecks } from './n8n-checks';
import { ownChecks } from './own-checks';
import { queueChecks } from './queue-checks';
import { repairChecks } from './repair-checks';

/** Asks every source that the server goes by, all at once. Changes nothing of n8n's. */
export async function examine(
	config: FullConfig,
	{ services, plans }: Pick<OpenServices, 'services' | 'plans'>,
): Promise<readonly Finding[]> {
	const checks = [
		...queueChecks(services.stack.queueMode),
		...defaultChecks(config),
		...n8nChecks(config, services.stack),
		...repairChecks(services.stack),
		...clockChecks(services.stack, config.thresholds),
		...ownChecks(config, services, plans),
	];
	return await Promise.all(checks.map((check) => runCheck(check, services.clock)));
}
