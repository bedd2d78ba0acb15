/** What somebody may do, from least to most: look; repair; administer. Each may do what those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** Whether one who has a role may do what needs another. */
export const mayActAs = (has: Role, needed: Role): boolean =>
	ROLES.indexOf(has) >= ROLES.indexOf(needed);
