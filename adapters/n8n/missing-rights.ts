/** What a user of Redis is let at, by what keys and channels begin with. */
export interface Places {
	readonly user: string;
	readonly queuePrefix: string;
	/** Of n8n's other keys, and its channels. */
	readonly registryPrefix: string;
}

/**
 * Which rule of Redis's access control list a user lacks, by what Redis answered; undefined where it is about something
 * else.
 */
export function missingRights(error: unknown, places: Places): string | undefined {
	const message = error instanceof Error ? error.message : '';
	const isDenied =
		message.startsWith('NOPERM') || message.includes('The user executing the script');
	if (!isDenied) return undefined;
	const rule = `ACL SETUSER ${places.user} ${ruleFor(message, places)}`;
	return `Give the user the right: ${rule}; docs/mcp-server.md lists all rights`;
}

function ruleFor(message: string, { queuePrefix, registryPrefix }: Places): string {
	const command = /'([^']+)' command/.exec(message)?.[1];
	if (command) return `+${command}`;
	if (message.includes('channel')) return `&${registryPrefix}:*`;
	if (message.includes('key')) return `~${queuePrefix}:* ~${registryPrefix}:*`;
	return '+@read +@write';
}
