import type { LastChecks, StackHealth } from '../../core/health';
import { valueOf } from '../../core/stack';
import { checkMetrics } from './check-metrics';
import { exposition } from './exposition';
import { policyMetrics } from './policy-metrics';
import type { ServerMetrics } from './server-metrics';
import { stackMetrics } from './stack-metrics';

/**
 * All measurements, as Prometheus reads them: of the stack, of its policies, of checks that were asked for, and of this
 * server.
 * @param redact replaces secrets in a text.
 */
export async function measurements(
	{ health, lastChecks }: { readonly health: StackHealth; readonly lastChecks: LastChecks },
	server: ServerMetrics,
	redact: (text: string) => string,
): Promise<string> {
	const checkup = await health.check();
	const policies = valueOf(await health.policyStates());
	const families = [
		...stackMetrics(checkup),
		...(policies ? policyMetrics(policies) : []),
		...checkMetrics(lastChecks),
	];
	const ofStack = await exposition(families, redact);
	return `${ofStack}${await server.exposition()}`;
}
