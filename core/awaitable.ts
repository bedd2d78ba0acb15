/** A value now or later: what is in this process answers at once, what is remote with a promise. */
export type Awaitable<T> = T | Promise<T>;
