/** What an operator can do to a state by hand. `open`, `close` and `isolate` are for breakers, `reset` for all. */
export type OverrideAction = 'open' | 'close' | 'isolate' | 'reset';
