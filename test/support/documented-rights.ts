import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = readFileSync(join(__dirname, '../../docs/reliability.md'), 'utf8');

function find(pattern: RegExp): string[] {
	const found = pattern.exec(page)?.[1];
	if (!found) throw new Error(`docs/reliability.md has nothing like ${pattern}`);
	return found.trim().split(' ');
}

/** What docs/reliability.md gives a Redis user, what it adds for a cluster, and what it gives a user of sentinels. */
export const documentedRights = find(/^ACL SETUSER bulwark on >PASSWORD (~.*)$/m);
export const documentedClusterRights = find(/For a Cluster add `([^`]*)`/);
export const documentedSentinelRights = find(
	/^ACL SETUSER bulwark on >PASSWORD (resetchannels.*)$/m,
);
