/** What an operator can do to a state by hand. `open`, `close` and `isolate` are for breakers, `reset` for all. */
export const OVERRIDE_ACTIONS = ['open', 'close', 'isolate', 'reset'] as const;

export type OverrideAction = (typeof OVERRIDE_ACTIONS)[number];
