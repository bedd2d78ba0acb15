/** The connectors of a step that guards the nodes between, by number. */
export const INPUT = { items: 0, succeeded: 1, failed: 2 } as const;

/** `call` exists only where the step guards the nodes between; a sub-workflow's outputs start at `success`. */
export const OUTPUT = { call: 0, success: 1, failed: 2, rejected: 3 } as const;

/**
 * An output that no wire can reach, past the error output that n8n may add. Items that wait for their turn are put
 * there, so that their pairing can be followed when they leave.
 */
export const HELD_OUTPUT = 6;
