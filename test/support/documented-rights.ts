import { readFileSync } from 'node:fs';
import { join } from 'node:path';

function find(pattern: RegExp, page = 'reliability.md'): string[] {
	const text = readFileSync(join(__dirname, '../../docs', page), 'utf8');
	const found = pattern.exec(text)?.[1];
	if (!found) throw new Error(`docs/${page} has nothing like ${pattern}`);
	return found.trim().split(' ');
}

/** What docs/reliability.md gives a Redis user, what it adds for a cluster, and what it gives a user of sentinels. */
export const documentedRights = find(/^ACL SETUSER bulwark on >PASSWORD (~.*)$/m);
export const documentedClusterRights = find(/For a Cluster add `([^`]*)`/);
export const documentedSentinelRights = find(
	/^ACL SETUSER bulwark on >PASSWORD (resetchannels.*)$/m,
);

/** What docs/mcp-server.md gives the MCP server's user of Redis. */
export const documentedMcpRights = find(
	/^ACL SETUSER bulwark-mcp on >PASSWORD (~.*)$/m,
	'mcp-server.md',
);

/** Which tables of n8n's docs/mcp-server.md gives the MCP server's user of Postgres a right to. */
export const documentedTableRights = ['SELECT', 'UPDATE'].map((right) => ({
	right,
	tables: find(new RegExp(`^GRANT ${right} ON (.*) TO "bulwark-mcp";$`, 'm'), 'mcp-server.md')
		.join('')
		.split(','),
}));
