/** A definition that was not noted for this long, in ms, is forgotten. */
export const ENTRY_KEPT_MS = 30 * 24 * 60 * 60 * 1_000;

/** Places that may define one policy; of more, those that noted it last. */
export const MOST_ENTRIES = 20;

/** Policies that are listed: those that were noted last. */
export const MOST_LISTED = 10_000;

/** Policies on one page. */
export const LONGEST_PAGE = 100;
