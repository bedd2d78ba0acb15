import type { QueueSettings } from './stack-settings';

/**
 * Which rule of Redis's access control list a user lacks, by what Redis answered; undefined where it is about something
 * else.
 */
export function missingRights(
	error: unknown,
	user: string,
	{ prefix, registryPrefix }: QueueSettings,
): string | undefined {
	const message = error instanceof Error ? error.message : '';
	const isDenied =
		message.startsWith('NOPERM') || message.includes('The user executing the script');
	if (!isDenied) return undefined;
	const rule = ruleFor(message, prefix, registryPrefix);
	return `Give the user the right: ACL SETUSER ${user} ${rule}; docs/mcp-server.md lists all rights`;
}

function ruleFor(message: string, prefix: string, registryPrefix: string): string {
	const command = /'([^']+)' command/.exec(message)?.[1];
	if (command) return `+${command}`;
	if (message.includes('channel')) return `&${registryPrefix}:*`;
	if (message.includes('key')) return `~*${prefix}* ~${registryPrefix}:*`;
	return '+@read +@write +@scripting';
}
