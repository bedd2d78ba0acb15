import { SourceUnavailableError, type SourceName } from '../../core/stack';
import type { Places } from './missing-rights';

/** A key of n8n's holds what n8n does not keep there. */
export function unexpectedValue(
	source: SourceName,
	reply: string,
	{ queuePrefix, registryPrefix }: Places,
): SourceUnavailableError {
	const isRegistry = source === 'instance registry';
	const [whose, keys, setting] = isRegistry
		? ["n8n's instance registry", `${registryPrefix}:{instance:}*`, 'registryPrefix']
		: ["n8n's queue", `${queuePrefix}:jobs*`, 'prefix'];
	return new SourceUnavailableError(
		source,
		`Redis holds something under a key of ${whose} that n8n does not keep there (${reply})`,
		`Find out by TYPE which of the keys ${keys} it is, and keep away who else writes there; or correct the prefix, which is queue.${setting} of the MCP server and ${isRegistry ? 'Key' : 'Queue'} Prefix of the node`,
	);
}
