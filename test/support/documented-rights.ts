import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = readFileSync(join(__dirname, '../../docs/reliability.md'), 'utf8');

function find(pattern: RegExp): string[] {
	const found = pattern.exec(page)?.[1];
	if (!found) throw new Error(`docs/reliability.md has nothing like ${pattern}`);
	return found.trim().split(' ');
}

/** What docs/reliability.md gives a Redis user, and what it adds for a cluster. */
export const documentedRights = find(/^ACL SETUSER bulwark on >PASSWORD (.*)$/m);
export const documentedClusterRights = find(/For a Cluster add `([^`]*)`/);
